# Outline of https://registry.terraform.io/modules/terraform-aws-modules/s3-bucket/aws, versions 2 to 5.

variable "module_least" {}
variable "module_most" {}
variable "unknown" {}

variable "create_bucket" { default = true }
variable "is_directory_bucket" { default = false }
variable "bucket" { default = null }

variable "acl" { default = null }
variable "grant" { default = [] }
variable "control_object_ownership" { default = false }
variable "object_ownership" { default = null }

variable "attach_public_policy" { default = true }
variable "block_public_acls" { default = null }
variable "block_public_policy" { default = null }
variable "ignore_public_acls" { default = null }
variable "restrict_public_buckets" { default = null }

variable "policy" { default = null }
variable "attach_policy" { default = false }
variable "attach_deny_insecure_transport_policy" { default = false }
variable "attach_require_latest_tls_policy" { default = false }
variable "attach_access_log_delivery_policy" { default = false }
variable "attach_analytics_destination_policy" { default = false }
variable "attach_cloudtrail_log_delivery_policy" { default = false }
variable "attach_deny_incorrect_encryption_headers" { default = false }
variable "attach_deny_incorrect_kms_key_sse" { default = false }
variable "attach_deny_ssec_encrypted_object_uploads" { default = false }
variable "attach_deny_unencrypted_object_uploads" { default = false }
variable "attach_elb_log_delivery_policy" { default = false }
variable "attach_inventory_destination_policy" { default = false }
variable "attach_lb_log_delivery_policy" { default = false }
variable "attach_waf_log_delivery_policy" { default = false }

variable "server_side_encryption_configuration" { default = {} }
variable "versioning" { default = {} }
variable "logging" { default = {} }
variable "cors_rule" { default = [] }
variable "lifecycle_rule" { default = [] }
variable "replication_configuration" { default = {} }
variable "website" { default = {} }
variable "object_lock_enabled" { default = false }
variable "object_lock_configuration" { default = {} }

locals {
  # Access has been blocked, and access control lists switched off, by default since 3.9.
  is_blocked       = var.module_most < 3009 ? false : var.module_least >= 3009 ? true : var.unknown
  object_ownership = var.module_most < 3009 ? "ObjectWriter" : var.module_least >= 3009 ? "BucketOwnerEnforced" : var.unknown

  # What is not given as a list may be given as JSON.
  grants            = try(jsondecode(var.grant), var.grant)
  cors_rules        = try(jsondecode(var.cors_rule), var.cors_rule)
  lifecycle_rules   = try(jsondecode(var.lifecycle_rule), var.lifecycle_rule)
  encryption_rules  = try(flatten([var.server_side_encryption_configuration.rule]), [])
  replication_rules = flatten(try([var.replication_configuration.rule], [var.replication_configuration.rules], []))

  attach_other_statements = anytrue([
    var.attach_access_log_delivery_policy, var.attach_analytics_destination_policy, var.attach_cloudtrail_log_delivery_policy,
    var.attach_deny_incorrect_encryption_headers, var.attach_deny_incorrect_kms_key_sse,
    var.attach_deny_ssec_encrypted_object_uploads, var.attach_deny_unencrypted_object_uploads,
    var.attach_elb_log_delivery_policy, var.attach_inventory_destination_policy, var.attach_lb_log_delivery_policy,
    var.attach_waf_log_delivery_policy,
  ])
  attach_statements = anytrue([
    var.attach_deny_insecure_transport_policy, var.attach_require_latest_tls_policy, local.attach_other_statements,
  ])
}

resource "aws_s3_bucket" "this" {
  count = var.create_bucket && !var.is_directory_bucket ? 1 : 0

  bucket              = var.bucket
  object_lock_enabled = var.object_lock_enabled

  # All else is in resources of its own.
  policy    = null
  cors_rule = null
  grant     = null
}

resource "aws_s3_bucket_acl" "this" {
  count = var.acl != null && var.acl != "null" || length(local.grants) > 0 ? length(aws_s3_bucket.this) : 0

  bucket = aws_s3_bucket.this[0].id
  acl    = var.acl == "null" ? null : var.acl

  dynamic "access_control_policy" {
    for_each = length(local.grants) > 0 ? [true] : []

    content {
      dynamic "grant" {
        for_each = local.grants

        content {
          permission = try(grant.value.permission, grant.value.permissions)

          grantee {
            uri = try(grant.value.uri, null)
          }
        }
      }
    }
  }
}

resource "aws_s3_bucket_ownership_controls" "this" {
  count = var.control_object_ownership ? length(aws_s3_bucket.this) : 0

  bucket = aws_s3_bucket.this[0].id

  rule {
    object_ownership = var.object_ownership != null ? var.object_ownership : local.object_ownership
  }
}

resource "aws_s3_bucket_public_access_block" "this" {
  count = var.attach_public_policy ? length(aws_s3_bucket.this) : 0

  bucket = aws_s3_bucket.this[0].id

  block_public_acls       = var.block_public_acls != null ? var.block_public_acls : local.is_blocked
  block_public_policy     = var.block_public_policy != null ? var.block_public_policy : local.is_blocked
  ignore_public_acls      = var.ignore_public_acls != null ? var.ignore_public_acls : local.is_blocked
  restrict_public_buckets = var.restrict_public_buckets != null ? var.restrict_public_buckets : local.is_blocked
}

resource "aws_s3_bucket_policy" "this" {
  count = var.attach_policy || local.attach_statements ? length(aws_s3_bucket.this) : 0

  bucket = aws_s3_bucket.this[0].id
  policy = local.attach_statements ? data.aws_iam_policy_document.combined[0].json : var.policy
}

data "aws_iam_policy_document" "combined" {
  count = local.attach_statements ? length(aws_s3_bucket.this) : 0

  source_policy_documents = concat(
    var.attach_policy ? [var.policy] : [],
    # For log delivery to services of AWS, and against uploads without encryption.
    local.attach_other_statements ? [var.unknown] : [],
  )

  dynamic "statement" {
    for_each = var.attach_deny_insecure_transport_policy ? [true] : []

    content {
      sid       = "denyInsecureTransport"
      effect    = "Deny"
      actions   = ["s3:*"]
      resources = [aws_s3_bucket.this[0].arn, "${aws_s3_bucket.this[0].arn}/*"]

      principals {
        type        = "*"
        identifiers = ["*"]
      }

      condition {
        test     = "Bool"
        variable = "aws:SecureTransport"
        values   = ["false"]
      }
    }
  }

  dynamic "statement" {
    for_each = var.attach_require_latest_tls_policy ? [true] : []

    content {
      sid       = "denyOutdatedTLS"
      effect    = "Deny"
      actions   = ["s3:*"]
      resources = [aws_s3_bucket.this[0].arn, "${aws_s3_bucket.this[0].arn}/*"]

      principals {
        type        = "*"
        identifiers = ["*"]
      }

      condition {
        test     = "NumericLessThan"
        variable = "s3:TlsVersion"
        values   = ["1.2"]
      }
    }
  }
}

resource "aws_s3_bucket_server_side_encryption_configuration" "this" {
  count = length(local.encryption_rules) > 0 ? length(aws_s3_bucket.this) : 0

  bucket = aws_s3_bucket.this[0].id

  dynamic "rule" {
    for_each = local.encryption_rules

    content {
      dynamic "apply_server_side_encryption_by_default" {
        for_each = try([rule.value.apply_server_side_encryption_by_default], [])

        content {
          sse_algorithm     = apply_server_side_encryption_by_default.value.sse_algorithm
          kms_master_key_id = try(apply_server_side_encryption_by_default.value.kms_master_key_id, null)
        }
      }
    }
  }
}

resource "aws_s3_bucket_versioning" "this" {
  count = length(keys(var.versioning)) > 0 ? length(aws_s3_bucket.this) : 0

  bucket = aws_s3_bucket.this[0].id

  versioning_configuration {
    # true is for Enabled, and false for Suspended. What is not said means Enabled since 4.3, and is refused before.
    status = try(
      var.versioning.enabled,
      tobool(var.versioning.status),
      title(lower(var.versioning.status)),
      var.module_least >= 4003 ? "Enabled" : var.unknown,
    )
    mfa_delete = try(tobool(var.versioning.mfa_delete), title(lower(var.versioning.mfa_delete)), null)
  }
}

resource "aws_s3_bucket_logging" "this" {
  count = length(keys(var.logging)) > 0 ? length(aws_s3_bucket.this) : 0

  bucket        = aws_s3_bucket.this[0].id
  target_bucket = var.logging.target_bucket
}

resource "aws_s3_bucket_cors_configuration" "this" {
  count = length(local.cors_rules) > 0 ? length(aws_s3_bucket.this) : 0

  bucket = aws_s3_bucket.this[0].id

  dynamic "cors_rule" {
    for_each = local.cors_rules

    content {
      allowed_methods = cors_rule.value.allowed_methods
      allowed_origins = cors_rule.value.allowed_origins
      allowed_headers = try(cors_rule.value.allowed_headers, null)
    }
  }
}

resource "aws_s3_bucket_lifecycle_configuration" "this" {
  count = length(local.lifecycle_rules) > 0 ? length(aws_s3_bucket.this) : 0

  bucket = aws_s3_bucket.this[0].id

  dynamic "rule" {
    for_each = local.lifecycle_rules

    content {
      # true is for Enabled, and false for Disabled.
      status = try(rule.value.enabled, tobool(rule.value.status), title(lower(rule.value.status)))
    }
  }
}

resource "aws_s3_bucket_replication_configuration" "this" {
  count = length(keys(var.replication_configuration)) > 0 ? length(aws_s3_bucket.this) : 0

  bucket = aws_s3_bucket.this[0].id

  dynamic "rule" {
    for_each = local.replication_rules

    content {
      status = try(tobool(rule.value.status) ? "Enabled" : "Disabled", title(lower(rule.value.status)), "Enabled")
    }
  }
}

resource "aws_s3_bucket_website_configuration" "this" {
  count = length(keys(var.website)) > 0 ? length(aws_s3_bucket.this) : 0

  bucket = aws_s3_bucket.this[0].id
}

resource "aws_s3_bucket_object_lock_configuration" "this" {
  count = var.object_lock_enabled && try(var.object_lock_configuration.rule.default_retention, null) != null ? length(aws_s3_bucket.this) : 0

  bucket = aws_s3_bucket.this[0].id

  rule {
    default_retention {
      mode = var.object_lock_configuration.rule.default_retention.mode
    }
  }
}

resource "aws_s3_bucket_notification" "this" {
  # Those are another module's.
  count = 0

  bucket      = aws_s3_bucket.this[0].id
  eventbridge = null
}
