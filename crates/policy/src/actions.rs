//! Actions of interest, by what they let somebody do.
//!
//! Source of names, access levels and of whether an action can be limited to a resource: the Service Authorization
//! Reference, <https://docs.aws.amazon.com/service-authorization/latest/reference/reference.html>. Each table is a
//! selection of what matters most, not the full list, and is sorted. Actions that only work on all resources are left out
//! of tables that are about granting them on all resources.

/// Actions that return credentials, tokens or sessions. `ecr:GetAuthorizationToken` is not here: it only works on `*`,
/// and its token opens nothing that its holder could not open before.
pub const CREDENTIAL_EXPOSURE: &[&str] = &[
    "appsync:CreateApiKey",
    "chime:CreateApiKey",
    "codepipeline:PollForJobs",
    "connect:GetFederationToken",
    "connect:GetFederationTokens",
    "ec2:GetPasswordData",
    "eks-auth:AssumeRoleForPodIdentity",
    "gamelift:RequestUploadCredentials",
    "iam:CreateAccessKey",
    "iam:CreateLoginProfile",
    "iam:CreateServiceSpecificCredential",
    "iam:ResetServiceSpecificCredential",
    "iam:UpdateAccessKey",
    "lightsail:GetBucketAccessKeys",
    "lightsail:GetInstanceAccessDetails",
    "lightsail:GetRelationalDatabaseMasterUserPassword",
    "rds-db:connect",
    "redshift-serverless:GetCredentials",
    "redshift:GetClusterCredentials",
    "redshift:GetClusterCredentialsWithIAM",
    "sts:AssumeRole",
    "sts:AssumeRoleWithSAML",
    "sts:AssumeRoleWithWebIdentity",
    "sts:GetFederationToken",
    "sts:GetSessionToken",
];

/// Actions of access level "Permissions management" that can be limited to a resource.
pub const PERMISSIONS_MANAGEMENT: &[&str] = &[
    "acm-pca:CreatePermission",
    "acm-pca:DeletePermission",
    "acm-pca:DeletePolicy",
    "acm-pca:PutPolicy",
    "apigateway:UpdateRestApiPolicy",
    "backup:DeleteBackupVaultAccessPolicy",
    "backup:PutBackupVaultAccessPolicy",
    "cloudformation:SetStackPolicy",
    "codeartifact:DeleteDomainPermissionsPolicy",
    "codeartifact:DeleteRepositoryPermissionsPolicy",
    "codebuild:DeleteResourcePolicy",
    "codebuild:PutResourcePolicy",
    "cognito-identity:SetIdentityPoolRoles",
    "dynamodb:DeleteResourcePolicy",
    "dynamodb:PutResourcePolicy",
    "ec2:CreateNetworkInterfacePermission",
    "ec2:ModifySnapshotAttribute",
    "ec2:ModifyVpcEndpointServicePermissions",
    "ec2:ResetSnapshotAttribute",
    "ecr:DeleteRepositoryPolicy",
    "ecr:SetRepositoryPolicy",
    "elasticfilesystem:DeleteFileSystemPolicy",
    "elasticfilesystem:PutFileSystemPolicy",
    "glacier:AbortVaultLock",
    "glacier:DeleteVaultAccessPolicy",
    "glacier:SetVaultAccessPolicy",
    "glue:DeleteResourcePolicy",
    "glue:PutResourcePolicy",
    "iam:AttachGroupPolicy",
    "iam:AttachRolePolicy",
    "iam:AttachUserPolicy",
    "iam:CreatePolicy",
    "iam:CreatePolicyVersion",
    "iam:DeleteGroupPolicy",
    "iam:DeletePolicy",
    "iam:DeletePolicyVersion",
    "iam:DeleteRolePermissionsBoundary",
    "iam:DeleteRolePolicy",
    "iam:DeleteUserPermissionsBoundary",
    "iam:DeleteUserPolicy",
    "iam:DetachGroupPolicy",
    "iam:DetachRolePolicy",
    "iam:DetachUserPolicy",
    "iam:PutGroupPolicy",
    "iam:PutRolePermissionsBoundary",
    "iam:PutRolePolicy",
    "iam:PutUserPermissionsBoundary",
    "iam:PutUserPolicy",
    "iam:SetDefaultPolicyVersion",
    "iam:UpdateAssumeRolePolicy",
    "iot:AttachPolicy",
    "iot:CreatePolicyVersion",
    "iot:SetDefaultPolicyVersion",
    "kms:CreateGrant",
    "kms:PutKeyPolicy",
    "kms:RetireGrant",
    "kms:RevokeGrant",
    "lambda:AddLayerVersionPermission",
    "lambda:AddPermission",
    "lambda:RemoveLayerVersionPermission",
    "lambda:RemovePermission",
    "ram:AssociateResourceShare",
    "ram:DeleteResourceShare",
    "ram:DisassociateResourceShare",
    "ram:UpdateResourceShare",
    "rds:AuthorizeDBSecurityGroupIngress",
    "redshift:AuthorizeSnapshotAccess",
    "redshift:CreateClusterUser",
    "redshift:CreateSnapshotCopyGrant",
    "redshift:JoinGroup",
    "redshift:RevokeSnapshotAccess",
    "s3:BypassGovernanceRetention",
    "s3:DeleteAccessPointPolicy",
    "s3:DeleteBucketPolicy",
    "s3:ObjectOwnerOverrideToBucketOwner",
    "s3:PutAccessPointPolicy",
    "s3:PutBucketAcl",
    "s3:PutBucketPolicy",
    "s3:PutBucketPublicAccessBlock",
    "s3:PutObjectAcl",
    "s3:PutObjectVersionAcl",
    "secretsmanager:DeleteResourcePolicy",
    "secretsmanager:PutResourcePolicy",
    "servicecatalog:CreatePortfolioShare",
    "servicecatalog:DeletePortfolioShare",
    "sns:AddPermission",
    "sns:RemovePermission",
    "sns:SetTopicAttributes",
    "sqs:AddPermission",
    "sqs:RemovePermission",
    "sqs:SetQueueAttributes",
    "ssm:ModifyDocumentPermission",
];

/// Actions of access level "Write" that can be limited to a resource.
pub const WRITE: &[&str] = &[
    "cloudformation:CreateStack",
    "cloudformation:DeleteStack",
    "cloudformation:UpdateStack",
    "cloudtrail:DeleteTrail",
    "cloudtrail:StopLogging",
    "cloudtrail:UpdateTrail",
    "codebuild:StartBuild",
    "codebuild:UpdateProject",
    "dynamodb:BatchWriteItem",
    "dynamodb:DeleteItem",
    "dynamodb:DeleteTable",
    "dynamodb:PutItem",
    "dynamodb:UpdateItem",
    "dynamodb:UpdateTable",
    "ec2:AuthorizeSecurityGroupIngress",
    "ec2:CreateSnapshot",
    "ec2:DeleteSnapshot",
    "ec2:DeleteVolume",
    "ec2:RunInstances",
    "ec2:StopInstances",
    "ec2:TerminateInstances",
    "ecr:BatchDeleteImage",
    "ecr:DeleteRepository",
    "ecr:PutImage",
    "ecs:DeleteCluster",
    "ecs:DeleteService",
    "ecs:RunTask",
    "ecs:UpdateService",
    "eks:DeleteCluster",
    "eks:UpdateClusterConfig",
    "events:PutRule",
    "events:PutTargets",
    "firehose:PutRecord",
    "glue:UpdateJob",
    "kinesis:DeleteStream",
    "kinesis:PutRecord",
    "kms:Decrypt",
    "kms:DisableKey",
    "kms:Encrypt",
    "kms:GenerateDataKey",
    "kms:ScheduleKeyDeletion",
    "lambda:CreateFunction",
    "lambda:DeleteFunction",
    "lambda:InvokeFunction",
    "lambda:UpdateFunctionCode",
    "lambda:UpdateFunctionConfiguration",
    "logs:CreateLogGroup",
    "logs:CreateLogStream",
    "logs:DeleteLogGroup",
    "logs:PutLogEvents",
    "rds:DeleteDBCluster",
    "rds:DeleteDBInstance",
    "rds:ModifyDBInstance",
    "route53:ChangeResourceRecordSets",
    "s3:DeleteBucket",
    "s3:DeleteObject",
    "s3:PutBucketVersioning",
    "s3:PutEncryptionConfiguration",
    "s3:PutLifecycleConfiguration",
    "s3:PutObject",
    "secretsmanager:DeleteSecret",
    "secretsmanager:PutSecretValue",
    "secretsmanager:UpdateSecret",
    "sns:DeleteTopic",
    "sns:Publish",
    "sqs:DeleteQueue",
    "sqs:PurgeQueue",
    "sqs:SendMessage",
    "ssm:DeleteParameter",
    "ssm:PutParameter",
    "ssm:SendCommand",
    "ssm:StartSession",
    "states:StartExecution",
];

/// Actions by which a queue is managed and not used
/// (<https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonsqs.html>).
pub const QUEUE_MANAGEMENT: &[&str] = &[
    "sqs:AddPermission",
    "sqs:CreateQueue",
    "sqs:DeleteQueue",
    "sqs:PurgeQueue",
    "sqs:RemovePermission",
    "sqs:SetQueueAttributes",
    "sqs:TagQueue",
    "sqs:UntagQueue",
];

/// Actions by which another account could take over a bucket: the sensitive ones of control S3.6
/// (<https://docs.aws.amazon.com/securityhub/latest/userguide/s3-controls.html#s3-6>).
pub const BUCKET_ADMINISTRATION: &[&str] = &[
    "s3:DeleteBucketPolicy",
    "s3:PutBucketAcl",
    "s3:PutBucketPolicy",
    "s3:PutEncryptionConfiguration",
    "s3:PutObjectAcl",
];

/// Actions that change what is in a repository of images.
pub const IMAGE_PUSH: &[&str] =
    &["ecr:CompleteLayerUpload", "ecr:InitiateLayerUpload", "ecr:PutImage", "ecr:UploadLayerPart"];

/// Actions that change a function, not only call it.
pub const FUNCTION_CHANGE: &[&str] =
    &["lambda:AddPermission", "lambda:UpdateFunctionCode", "lambda:UpdateFunctionConfiguration"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_are_sorted_without_duplicates() {
        let tables = [
            CREDENTIAL_EXPOSURE,
            PERMISSIONS_MANAGEMENT,
            WRITE,
            QUEUE_MANAGEMENT,
            BUCKET_ADMINISTRATION,
            IMAGE_PUSH,
            FUNCTION_CHANGE,
        ];
        for table in tables {
            let unsorted: Vec<_> = table.windows(2).filter(|pair| pair[0] >= pair[1]).collect();
            assert_eq!(unsorted, Vec::<&[&str]>::new());
        }
    }

    #[test]
    fn every_action_names_its_service() {
        let names = CREDENTIAL_EXPOSURE.iter().chain(PERMISSIONS_MANAGEMENT).chain(WRITE);
        let without: Vec<_> = names.filter(|name| name.split(':').count() != 2).collect();
        assert_eq!(without, Vec::<&&str>::new());
    }
}
