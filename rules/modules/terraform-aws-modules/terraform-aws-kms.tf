# Outline of https://registry.terraform.io/modules/terraform-aws-modules/kms/aws, versions 1 to 4. What the statements for
# administrators, users and services allow is left out.

variable "create" { default = true }
variable "create_external" { default = false }
variable "create_replica" { default = false }
variable "create_replica_external" { default = false }

variable "policy" { default = null }
variable "key_owners" { default = [] }
variable "key_statements" { default = {} }
variable "source_policy_documents" { default = [] }
variable "override_policy_documents" { default = [] }
variable "enable_key_rotation" { default = true }
variable "is_enabled" { default = null }

locals {
  is_key = var.create && !var.create_external && !var.create_replica && !var.create_replica_external
  policy = var.policy != null ? var.policy : data.aws_iam_policy_document.this.json
}

data "aws_iam_policy_document" "this" {
  source_policy_documents   = var.source_policy_documents
  override_policy_documents = var.override_policy_documents

  statement {
    sid       = "Default"
    actions   = ["kms:*"]
    resources = ["*"]

    principals {
      type        = "AWS"
      identifiers = ["arn:${data.aws_partition.this.partition}:iam::${data.aws_caller_identity.this.account_id}:root"]
    }
  }

  dynamic "statement" {
    for_each = length(var.key_owners) > 0 ? [true] : []

    content {
      sid       = "KeyOwner"
      actions   = ["kms:*"]
      resources = ["*"]

      principals {
        type        = "AWS"
        identifiers = var.key_owners
      }
    }
  }

  dynamic "statement" {
    for_each = var.key_statements != null ? var.key_statements : {}

    content {
      sid           = try(statement.value.sid, null)
      effect        = try(statement.value.effect, null)
      actions       = try(statement.value.actions, null)
      not_actions   = try(statement.value.not_actions, null)
      resources     = try(statement.value.resources, null) != null ? statement.value.resources : ["*"]
      not_resources = try(statement.value.not_resources, null)

      dynamic "principals" {
        for_each = try(flatten([statement.value.principals]), [])

        content {
          type        = principals.value.type
          identifiers = principals.value.identifiers
        }
      }

      dynamic "not_principals" {
        for_each = try(flatten([statement.value.not_principals]), [])

        content {
          type        = not_principals.value.type
          identifiers = not_principals.value.identifiers
        }
      }

      dynamic "condition" {
        for_each = try(flatten([statement.value.conditions]), flatten([statement.value.condition]), [])

        content {
          test     = condition.value.test
          variable = condition.value.variable
          values   = condition.value.values
        }
      }
    }
  }
}

data "aws_partition" "this" {}

data "aws_caller_identity" "this" {}

resource "aws_kms_key" "this" {
  count = local.is_key ? 1 : 0

  policy              = local.policy
  enable_key_rotation = var.enable_key_rotation
  is_enabled          = var.is_enabled
}

resource "aws_kms_external_key" "this" {
  count = var.create && var.create_external ? 1 : 0

  policy = local.policy
}

resource "aws_kms_replica_key" "this" {
  count = var.create && var.create_replica ? 1 : 0

  policy = local.policy
}

resource "aws_kms_replica_external_key" "this" {
  count = var.create && var.create_replica_external ? 1 : 0

  policy = local.policy
}
