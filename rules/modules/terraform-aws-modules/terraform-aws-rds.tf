# Outline of https://registry.terraform.io/modules/terraform-aws-modules/rds/aws, versions 2 to 7.

variable "module_least" {}
variable "module_most" {}
variable "unknown" {}

variable "create_db_instance" { default = true }
variable "create_db_subnet_group" {}

variable "engine" {}
variable "engine_version" { default = null }
variable "port" { default = null }
variable "username" { default = null }
variable "password" { default = null }
variable "replicate_source_db" { default = null }
variable "restore_to_point_in_time" { default = null }
variable "snapshot_identifier" { default = null }

variable "storage_encrypted" { default = null }
variable "kms_key_id" { default = null }
variable "copy_tags_to_snapshot" { default = null }
variable "backup_retention_period" { default = null }
variable "blue_green_update" { default = null }
variable "deletion_protection" { default = false }
variable "multi_az" { default = false }
variable "auto_minor_version_upgrade" { default = true }
variable "ca_cert_identifier" { default = null }
variable "iam_database_authentication_enabled" { default = false }
variable "publicly_accessible" { default = false }

variable "enabled_cloudwatch_logs_exports" { default = [] }
variable "monitoring_interval" { default = 0 }
variable "performance_insights_enabled" { default = false }
variable "performance_insights_kms_key_id" { default = null }

variable "db_subnet_group_name" { default = null }
variable "subnet_ids" { default = [] }
variable "vpc_security_group_ids" { default = [] }

locals {
  # What the module takes where nothing is given depends on its version.
  storage_encrypted     = var.module_most < 4000 ? false : var.module_least >= 4000 ? true : var.unknown
  copy_tags_to_snapshot = var.module_most < 7000 ? false : var.module_least >= 7000 ? true : var.unknown

  is_blue_green = try(length(var.blue_green_update), 0) > 0
}

resource "aws_db_instance" "this" {
  count = var.create_db_instance ? 1 : 0

  engine         = var.replicate_source_db == null ? var.engine : null
  engine_version = var.engine_version
  port           = var.port
  username       = var.username
  password       = var.password

  replicate_source_db      = var.replicate_source_db
  restore_to_point_in_time = var.restore_to_point_in_time
  snapshot_identifier      = var.snapshot_identifier

  storage_encrypted     = var.storage_encrypted != null ? var.storage_encrypted : local.storage_encrypted
  kms_key_id            = var.kms_key_id
  copy_tags_to_snapshot = var.copy_tags_to_snapshot != null ? var.copy_tags_to_snapshot : local.copy_tags_to_snapshot

  # Blue/green updates need backups, and get them.
  backup_retention_period    = local.is_blue_green ? coalesce(var.backup_retention_period, 1) : var.backup_retention_period
  deletion_protection        = var.deletion_protection
  multi_az                   = var.multi_az
  auto_minor_version_upgrade = var.auto_minor_version_upgrade
  ca_cert_identifier         = var.ca_cert_identifier

  iam_database_authentication_enabled = var.iam_database_authentication_enabled

  enabled_cloudwatch_logs_exports = var.enabled_cloudwatch_logs_exports
  monitoring_interval             = var.monitoring_interval
  performance_insights_enabled    = var.performance_insights_enabled
  performance_insights_kms_key_id = var.performance_insights_enabled ? var.performance_insights_kms_key_id : null

  publicly_accessible    = var.publicly_accessible
  db_subnet_group_name   = var.create_db_subnet_group ? aws_db_subnet_group.this[0].name : var.db_subnet_group_name
  vpc_security_group_ids = var.vpc_security_group_ids

  # An instance by itself is in no cluster.
  cluster_identifier = null
  engine_mode        = null
}

resource "aws_db_subnet_group" "this" {
  count = var.create_db_subnet_group ? 1 : 0

  subnet_ids = var.subnet_ids
}
