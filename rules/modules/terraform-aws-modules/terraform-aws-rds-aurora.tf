# Outline of https://registry.terraform.io/modules/terraform-aws-modules/rds-aurora/aws, versions 2 to 10.

variable "module_least" {}
variable "module_most" {}
variable "unknown" {}

variable "create" { default = true }
variable "create_cluster" { default = true }
variable "engine" {}
variable "engine_mode" { default = "provisioned" }
variable "engine_version" { default = null }
variable "port" { default = null }
variable "is_primary_cluster" { default = true }
variable "manage_master_user_password" { default = true }
variable "master_username" { default = null }
variable "master_password" { default = null }
variable "global_cluster_identifier" { default = null }
variable "replication_source_identifier" { default = null }
variable "restore_to_point_in_time" { default = null }
variable "snapshot_identifier" { default = null }

variable "storage_encrypted" { default = true }
variable "kms_key_id" { default = null }
variable "backtrack_window" { default = null }
variable "backup_retention_period" { default = null }
variable "copy_tags_to_snapshot" { default = null }
variable "deletion_protection" { default = null }
variable "enabled_cloudwatch_logs_exports" { default = [] }
variable "iam_database_authentication_enabled" { default = null }
variable "cluster_monitoring_interval" { default = 0 }
variable "cluster_performance_insights_enabled" { default = null }
variable "cluster_performance_insights_kms_key_id" { default = null }
variable "cluster_ca_cert_identifier" { default = null }

variable "instances" { default = {} }
variable "replica_count" { default = 1 }
variable "auto_minor_version_upgrade" { default = null }
variable "publicly_accessible" { default = null }
variable "performance_insights_enabled" { default = null }
variable "performance_insights_kms_key_id" { default = null }
variable "monitoring_interval" { default = 0 }
variable "ca_cert_identifier" { default = null }

variable "create_db_subnet_group" { default = null }
variable "db_subnet_group_name" { default = "" }
variable "subnets" { default = [] }
variable "vpc_security_group_ids" { default = [] }
variable "create_security_group" { default = true }
variable "allowed_cidr_blocks" { default = [] }
variable "security_group_rules" { default = {} }
variable "security_group_ingress_rules" { default = {} }

locals {
  creates       = var.create && var.create_cluster
  is_serverless = var.engine_mode == "serverless"

  # Until 5 there were so many instances alike; since 6 they are named one by one.
  replica_count = var.module_most < 6000 ? var.replica_count : var.module_least >= 6000 ? 0 : var.unknown

  # Backups were kept for 7 days by default until 8.
  retention = var.module_most < 9000 ? 7 : var.module_least >= 9000 ? null : var.unknown

  # Snapshots carry tags by default since 10.
  copies_tags = var.module_most < 10000 ? false : var.module_least >= 10000 ? true : var.unknown

  # A subnet group was made by default until 7.
  makes_subnet_group = var.module_most < 8000 ? true : var.module_least >= 8000 ? false : var.unknown
  has_subnet_group   = var.create_db_subnet_group != null ? var.create_db_subnet_group : local.makes_subnet_group
  subnet_group       = local.has_subnet_group ? aws_db_subnet_group.this[0].name : var.db_subnet_group_name

  monitoring_interval = var.cluster_monitoring_interval > 0 ? var.cluster_monitoring_interval : var.monitoring_interval

  port            = var.port != null && var.port != "" ? var.port : endswith(var.engine, "postgresql") ? 5432 : 3306
  own_groups      = aws_security_group.this[*].id
  security_groups = concat(local.own_groups, var.vpc_security_group_ids)
}

resource "aws_rds_cluster" "this" {
  count = local.creates ? 1 : 0

  engine                        = var.engine
  engine_mode                   = var.engine_mode
  engine_version                = var.engine_version
  port                          = local.port
  master_username               = var.is_primary_cluster ? var.master_username : null
  master_password               = var.is_primary_cluster && !var.manage_master_user_password ? var.master_password : null
  global_cluster_identifier     = var.global_cluster_identifier == "" ? null : var.global_cluster_identifier
  replication_source_identifier = var.replication_source_identifier == "" ? null : var.replication_source_identifier
  restore_to_point_in_time      = try(length(var.restore_to_point_in_time), 0) > 0 ? [var.restore_to_point_in_time] : null
  snapshot_identifier           = var.snapshot_identifier == "" ? null : var.snapshot_identifier

  storage_encrypted                   = var.storage_encrypted
  kms_key_id                          = var.kms_key_id == "" ? null : var.kms_key_id
  backtrack_window                    = var.backtrack_window
  backup_retention_period             = var.backup_retention_period != null ? var.backup_retention_period : local.retention
  copy_tags_to_snapshot               = var.copy_tags_to_snapshot != null ? var.copy_tags_to_snapshot : local.copies_tags
  deletion_protection                 = var.deletion_protection
  enabled_cloudwatch_logs_exports     = var.enabled_cloudwatch_logs_exports
  iam_database_authentication_enabled = var.iam_database_authentication_enabled
  monitoring_interval                 = var.cluster_monitoring_interval
  performance_insights_enabled        = var.cluster_performance_insights_enabled
  performance_insights_kms_key_id     = var.cluster_performance_insights_kms_key_id
  ca_certificate_identifier           = var.cluster_ca_cert_identifier
  db_subnet_group_name                = local.subnet_group
  vpc_security_group_ids              = local.security_groups

  # What a cluster is never told, or tells its instances.
  auto_minor_version_upgrade = null
  cluster_identifier         = null
  publicly_accessible        = null
  replicate_source_db        = null
}

resource "aws_rds_cluster_instance" "this" {
  for_each = local.creates && !local.is_serverless ? var.instances : {}

  auto_minor_version_upgrade      = try(each.value.auto_minor_version_upgrade, var.auto_minor_version_upgrade)
  publicly_accessible             = try(each.value.publicly_accessible, var.publicly_accessible)
  performance_insights_enabled    = try(each.value.performance_insights_enabled, var.performance_insights_enabled)
  performance_insights_kms_key_id = try(each.value.performance_insights_kms_key_id, var.performance_insights_kms_key_id)
  monitoring_interval             = try(coalesce(each.value.monitoring_interval), local.monitoring_interval)
  ca_cert_identifier              = try(each.value.ca_cert_identifier, var.ca_cert_identifier)

  cluster_identifier   = aws_rds_cluster.this[0].id
  engine               = var.engine
  engine_version       = var.engine_version
  db_subnet_group_name = local.subnet_group

  # What the cluster decides.
  backup_retention_period         = null
  enabled_cloudwatch_logs_exports = null
  engine_mode                     = null
  kms_key_id                      = null
  password                        = null
  port                            = null
  replicate_source_db             = null
  snapshot_identifier             = null
  storage_encrypted               = null
  username                        = null
  vpc_security_group_ids          = null
}

resource "aws_rds_cluster_instance" "replica" {
  count = local.creates && !local.is_serverless ? local.replica_count : 0

  auto_minor_version_upgrade      = var.auto_minor_version_upgrade
  publicly_accessible             = var.publicly_accessible
  performance_insights_enabled    = var.performance_insights_enabled
  performance_insights_kms_key_id = var.performance_insights_kms_key_id
  monitoring_interval             = var.monitoring_interval
  ca_cert_identifier              = var.ca_cert_identifier

  cluster_identifier   = aws_rds_cluster.this[0].id
  engine               = var.engine
  engine_version       = var.engine_version
  db_subnet_group_name = local.subnet_group

  # What the cluster decides.
  backup_retention_period         = null
  enabled_cloudwatch_logs_exports = null
  engine_mode                     = null
  kms_key_id                      = null
  password                        = null
  port                            = null
  replicate_source_db             = null
  snapshot_identifier             = null
  storage_encrypted               = null
  username                        = null
  vpc_security_group_ids          = null
}

resource "aws_db_subnet_group" "this" {
  count = local.creates && local.has_subnet_group ? 1 : 0

  subnet_ids = var.subnets
}

resource "aws_security_group" "this" {
  count = local.creates && var.create_security_group ? 1 : 0

  name    = null
  ingress = null
  egress  = null
}

resource "aws_security_group_rule" "cidr_ingress" {
  count = local.creates && var.create_security_group && length(var.allowed_cidr_blocks) > 0 ? 1 : 0

  security_group_id = aws_security_group.this[0].id
  type              = "ingress"
  description       = "From allowed CIDRs"
  protocol          = "tcp"
  from_port         = local.port
  to_port           = local.port
  cidr_blocks       = var.allowed_cidr_blocks
  ipv6_cidr_blocks  = null
  prefix_list_ids   = null
}

resource "aws_security_group_rule" "this" {
  for_each = local.creates && var.create_security_group ? var.security_group_rules : {}

  security_group_id = aws_security_group.this[0].id
  type              = try(each.value.type, "ingress")
  description       = try(each.value.description, null)
  protocol          = try(each.value.protocol, "tcp")
  from_port         = try(each.value.from_port, local.port)
  to_port           = try(each.value.to_port, local.port)
  cidr_blocks       = try(each.value.cidr_blocks, null)
  ipv6_cidr_blocks  = try(each.value.ipv6_cidr_blocks, null)
  prefix_list_ids   = try(each.value.prefix_list_ids, null)
}

resource "aws_vpc_security_group_ingress_rule" "this" {
  for_each = local.creates && var.create_security_group ? var.security_group_ingress_rules : {}

  security_group_id = aws_security_group.this[0].id
  description       = try(each.value.description, null)
  ip_protocol       = try(each.value.ip_protocol, "tcp")
  from_port         = try(each.value.from_port, local.port)
  to_port           = try(each.value.to_port, local.port)
  cidr_ipv4         = try(each.value.cidr_ipv4, null)
  cidr_ipv6         = try(each.value.cidr_ipv6, null)
  prefix_list_id    = try(each.value.prefix_list_id, null)
}
