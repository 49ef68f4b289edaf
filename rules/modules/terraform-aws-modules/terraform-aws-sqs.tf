# Outline of https://registry.terraform.io/modules/terraform-aws-modules/sqs/aws, versions 2 to 5.

variable "module_least" {}
variable "module_most" {}
variable "unknown" {}

variable "create" { default = true }
variable "kms_master_key_id" { default = null }
variable "sqs_managed_sse_enabled" { default = null }
variable "policy" { default = "" }
variable "create_queue_policy" { default = false }
variable "queue_policy_statements" { default = {} }
variable "source_queue_policy_documents" { default = [] }
variable "override_queue_policy_documents" { default = [] }

variable "create_dlq" { default = false }
variable "dlq_kms_master_key_id" { default = null }
variable "dlq_sqs_managed_sse_enabled" { default = true }
variable "create_dlq_queue_policy" { default = false }
variable "dlq_queue_policy_statements" { default = {} }
variable "source_dlq_queue_policy_documents" { default = [] }
variable "override_dlq_queue_policy_documents" { default = [] }

locals {
  # Until 3 keys of SQS were used where told so, and SQS was left to decide otherwise; since 4.0 they are, unless there is
  # another key.
  is_until_3  = var.module_most < 4000
  by_itself   = var.sqs_managed_sse_enabled != null ? var.sqs_managed_sse_enabled : var.module_least >= 4000 ? true : var.unknown
  managed_sse = local.is_until_3 ? var.sqs_managed_sse_enabled == true ? true : null : local.by_itself
  dlq_key     = var.dlq_kms_master_key_id != null ? var.dlq_kms_master_key_id : var.kms_master_key_id
}

resource "aws_sqs_queue" "this" {
  count = var.create ? 1 : 0

  kms_master_key_id       = var.kms_master_key_id
  sqs_managed_sse_enabled = var.kms_master_key_id != null ? null : local.managed_sse
  policy                  = var.policy == "" ? null : var.policy
}

resource "aws_sqs_queue" "dlq" {
  count = var.create && var.create_dlq ? 1 : 0

  kms_master_key_id       = local.dlq_key
  sqs_managed_sse_enabled = local.dlq_key != null ? null : var.dlq_sqs_managed_sse_enabled
  policy                  = null
}

data "aws_iam_policy_document" "this" {
  source_policy_documents   = var.source_queue_policy_documents
  override_policy_documents = var.override_queue_policy_documents

  dynamic "statement" {
    for_each = var.queue_policy_statements != null ? var.queue_policy_statements : {}

    content {
      sid           = try(statement.value.sid, null)
      effect        = try(statement.value.effect, null)
      actions       = try(statement.value.actions, null)
      not_actions   = try(statement.value.not_actions, null)
      resources     = try(statement.value.resources, null) != null ? statement.value.resources : [aws_sqs_queue.this[0].arn]
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

resource "aws_sqs_queue_policy" "this" {
  count = var.create && var.create_queue_policy ? 1 : 0

  queue_url = aws_sqs_queue.this[0].url
  policy    = data.aws_iam_policy_document.this.json
}

data "aws_iam_policy_document" "dlq" {
  source_policy_documents   = var.source_dlq_queue_policy_documents
  override_policy_documents = var.override_dlq_queue_policy_documents

  dynamic "statement" {
    for_each = var.dlq_queue_policy_statements != null ? var.dlq_queue_policy_statements : {}

    content {
      sid           = try(statement.value.sid, null)
      effect        = try(statement.value.effect, null)
      actions       = try(statement.value.actions, null)
      not_actions   = try(statement.value.not_actions, null)
      resources     = try(statement.value.resources, null) != null ? statement.value.resources : [aws_sqs_queue.dlq[0].arn]
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

resource "aws_sqs_queue_policy" "dlq" {
  count = var.create && var.create_dlq && var.create_dlq_queue_policy ? 1 : 0

  queue_url = aws_sqs_queue.dlq[0].url
  policy    = data.aws_iam_policy_document.dlq.json
}
