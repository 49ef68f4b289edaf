//! The shapes of the properties of `AWS::Serverless::GraphQLApi`.
//!
//! Source: <https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-resource-graphqlapi.html>.

use crate::shape::{Entry, Needed, Optional, Shape, TEXT};

pub(crate) const PROPERTIES: &[Entry] = &[
    ("ApiKeys", Optional, Shape::MapOf(&Shape::Fields(API_KEY))),
    ("Auth", Needed, Shape::Fields(AUTH)),
    ("Cache", Optional, Shape::Fields(CACHE)),
    ("DataSources", Optional, Shape::Fields(DATA_SOURCES)),
    ("DomainName", Optional, Shape::Fields(DOMAIN)),
    ("Functions", Optional, Shape::MapOf(&Shape::Fields(FUNCTION))),
    ("Logging", Optional, Shape::Either(&Shape::Flag, &Shape::Fields(LOGGING))),
    ("Resolvers", Optional, Shape::MapOf(&Shape::MapOf(&Shape::Fields(RESOLVER)))),
    ("XrayEnabled", Optional, Shape::Flag),
];
const API_KEY: &[Entry] = &[
    ("ApiKeyId", Optional, Shape::Passed),
    ("Description", Optional, Shape::Passed),
    ("ExpiresOn", Optional, Shape::Passed),
];
const AUTHENTICATION: Shape =
    Shape::OneOf(&["AMAZON_COGNITO_USER_POOLS", "API_KEY", "AWS_IAM", "AWS_LAMBDA", "OPENID_CONNECT"]);
const AUTH: &[Entry] = &[
    ("Additional", Optional, Shape::ListOf(&Shape::Fields(AUTHORIZER))),
    ("LambdaAuthorizer", Optional, Shape::Fields(LAMBDA_AUTHORIZER)),
    ("OpenIDConnect", Optional, Shape::Fields(OPEN_ID)),
    ("Type", Needed, AUTHENTICATION),
    ("UserPool", Optional, Shape::Fields(USER_POOL)),
];
const AUTHORIZER: &[Entry] = &[
    ("LambdaAuthorizer", Optional, Shape::Fields(LAMBDA_AUTHORIZER)),
    ("OpenIDConnect", Optional, Shape::Fields(OPEN_ID)),
    ("Type", Needed, AUTHENTICATION),
    ("UserPool", Optional, Shape::Fields(USER_POOL)),
];
const LAMBDA_AUTHORIZER: &[Entry] = &[
    ("AuthorizerResultTtlInSeconds", Optional, Shape::Passed),
    ("AuthorizerUri", Needed, Shape::Passed),
    ("IdentityValidationExpression", Optional, Shape::Passed),
];
const OPEN_ID: &[Entry] = &[
    ("AuthTTL", Optional, Shape::Passed),
    ("ClientId", Optional, Shape::Passed),
    ("IatTTL", Optional, Shape::Passed),
    ("Issuer", Optional, Shape::Passed),
];
const USER_POOL: &[Entry] = &[
    ("AppIdClientRegex", Optional, Shape::Passed),
    ("AwsRegion", Optional, Shape::Passed),
    ("DefaultAction", Optional, Shape::Passed),
    ("UserPoolId", Needed, Shape::Passed),
];
const CACHE: &[Entry] = &[
    ("ApiCachingBehavior", Needed, Shape::Passed),
    ("AtRestEncryptionEnabled", Optional, Shape::Passed),
    ("TransitEncryptionEnabled", Optional, Shape::Passed),
    ("Ttl", Needed, Shape::Passed),
    ("Type", Needed, Shape::Passed),
];
const DATA_SOURCES: &[Entry] = &[
    ("DynamoDb", Optional, Shape::MapOf(&Shape::Fields(TABLE))),
    ("Lambda", Optional, Shape::MapOf(&Shape::Fields(LAMBDA))),
];
const TABLE: &[Entry] = &[
    ("DeltaSync", Optional, Shape::Fields(DELTA_SYNC)),
    ("Description", Optional, Shape::Passed),
    ("Name", Optional, Shape::Passed),
    ("Permissions", Optional, Shape::ListOf(&Shape::OneOf(&["Read", "Write"]))),
    ("Region", Optional, Shape::Passed),
    ("ServiceRoleArn", Optional, Shape::Passed),
    ("TableArn", Optional, Shape::Passed),
    ("TableName", Needed, Shape::Passed),
    ("UseCallerCredentials", Optional, Shape::Passed),
    ("Versioned", Optional, Shape::Passed),
];
const DELTA_SYNC: &[Entry] = &[
    ("BaseTableTTL", Needed, Shape::Passed),
    ("DeltaSyncTableName", Needed, Shape::Passed),
    ("DeltaSyncTableTTL", Needed, Shape::Passed),
];
const LAMBDA: &[Entry] = &[
    ("Description", Optional, Shape::Passed),
    ("FunctionArn", Needed, Shape::Passed),
    ("Name", Optional, Shape::Passed),
    ("ServiceRoleArn", Optional, Shape::Passed),
];
const DOMAIN: &[Entry] = &[
    ("CertificateArn", Needed, Shape::Passed),
    ("Description", Optional, Shape::Passed),
    ("DomainName", Needed, Shape::Passed),
];
const LOGGING: &[Entry] = &[
    ("CloudWatchLogsRoleArn", Optional, Shape::Passed),
    ("ExcludeVerboseContent", Optional, Shape::Passed),
    ("FieldLogLevel", Optional, Shape::Passed),
];
const RUNTIME: Shape = Shape::Fields(&[("Name", Needed, Shape::Passed), ("Version", Needed, Shape::Passed)]);
const SYNC: Shape = Shape::Fields(&[
    ("ConflictDetection", Needed, Shape::Passed),
    ("ConflictHandler", Optional, Shape::Passed),
    ("LambdaConflictHandlerConfig", Optional, Shape::Fields(&[("LambdaConflictHandlerArn", Needed, Shape::Passed)])),
]);
const FUNCTION: &[Entry] = &[
    ("CodeUri", Optional, Shape::Passed),
    ("DataSource", Optional, TEXT),
    ("Description", Optional, Shape::Passed),
    ("Id", Optional, Shape::Passed),
    ("InlineCode", Optional, Shape::Passed),
    ("MaxBatchSize", Optional, Shape::Passed),
    ("Name", Optional, Shape::Text),
    ("Runtime", Optional, RUNTIME),
    ("Sync", Optional, SYNC),
];
const RESOLVER: &[Entry] = &[
    (
        "Caching",
        Optional,
        Shape::Fields(&[("CachingKeys", Optional, Shape::ListOf(&Shape::Passed)), ("Ttl", Needed, Shape::Passed)]),
    ),
    ("CodeUri", Optional, Shape::Passed),
    ("FieldName", Optional, Shape::Text),
    ("InlineCode", Optional, Shape::Passed),
    ("MaxBatchSize", Optional, Shape::Passed),
    ("Pipeline", Optional, Shape::ListOf(&Shape::Text)),
    ("Runtime", Optional, RUNTIME),
    ("Sync", Optional, SYNC),
];
