# Outline of https://registry.terraform.io/modules/terraform-aws-modules/sns/aws, versions 2 to 7. The statement that lets the
# account itself do everything, which comes by default, is left out.

variable "create" { default = true }
variable "create_sns_topic" { default = true }
variable "kms_master_key_id" { default = null }
variable "policy" { default = null }
variable "topic_policy" { default = null }
variable "create_topic_policy" { default = true }
variable "topic_policy_statements" { default = {} }
variable "source_topic_policy_documents" { default = [] }
variable "override_topic_policy_documents" { default = [] }

locals {
  documents = concat(var.source_topic_policy_documents, var.override_topic_policy_documents)
  has_own   = try(length(var.topic_policy_statements), 0) > 0 || length(local.documents) > 0
}

resource "aws_sns_topic" "this" {
  count = var.create && var.create_sns_topic ? 1 : 0

  kms_master_key_id = var.kms_master_key_id
  policy            = var.policy != null ? var.policy : var.create_topic_policy ? null : var.topic_policy
}

data "aws_iam_policy_document" "this" {
  source_policy_documents   = var.source_topic_policy_documents
  override_policy_documents = var.override_topic_policy_documents

  dynamic "statement" {
    for_each = var.topic_policy_statements != null ? var.topic_policy_statements : {}

    content {
      sid           = try(statement.value.sid, null)
      effect        = try(statement.value.effect, null)
      actions       = try(statement.value.actions, null)
      not_actions   = try(statement.value.not_actions, null)
      resources     = try(statement.value.resources, null) != null ? statement.value.resources : [aws_sns_topic.this[0].arn]
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

resource "aws_sns_topic_policy" "this" {
  count = var.create && var.create_topic_policy && local.has_own ? 1 : 0

  arn    = aws_sns_topic.this[0].arn
  policy = data.aws_iam_policy_document.this.json
}
