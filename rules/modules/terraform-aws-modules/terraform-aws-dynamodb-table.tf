# Outline of https://registry.terraform.io/modules/terraform-aws-modules/dynamodb-table/aws, versions 1 to 5.

variable "create_table" { default = true }
variable "billing_mode" { default = "PAY_PER_REQUEST" }
variable "deletion_protection_enabled" { default = null }
variable "point_in_time_recovery_enabled" { default = false }
variable "server_side_encryption_enabled" { default = false }
variable "server_side_encryption_kms_key_arn" { default = null }
variable "replica_regions" { default = [] }
variable "resource_policy" { default = null }

resource "aws_dynamodb_table" "this" {
  count = var.create_table ? 1 : 0

  billing_mode                = var.billing_mode
  deletion_protection_enabled = var.deletion_protection_enabled

  # What only replicas are told.
  region_name = null

  point_in_time_recovery {
    enabled = var.point_in_time_recovery_enabled
  }

  server_side_encryption {
    enabled     = var.server_side_encryption_enabled
    kms_key_arn = var.server_side_encryption_kms_key_arn
  }

  dynamic "replica" {
    for_each = var.replica_regions

    content {
      region_name                 = replica.value.region_name
      kms_key_arn                 = try(replica.value.kms_key_arn, null)
      point_in_time_recovery      = try(replica.value.point_in_time_recovery, null)
      deletion_protection_enabled = try(replica.value.deletion_protection_enabled, null)
    }
  }
}

resource "aws_dynamodb_resource_policy" "this" {
  count = var.create_table && var.resource_policy != null ? 1 : 0

  resource_arn = aws_dynamodb_table.this[0].arn
  policy       = var.resource_policy
}
