# Outline of https://registry.terraform.io/modules/terraform-aws-modules/vpc/aws, versions 2 to 6.

variable "module_least" {}
variable "module_most" {}
variable "unknown" {}

variable "create_vpc" { default = true }
variable "cidr" { default = null }
variable "enable_dns_support" { default = true }
variable "manage_default_vpc" { default = false }

variable "public_subnets" { default = [] }
variable "private_subnets" { default = [] }
variable "database_subnets" { default = [] }
variable "elasticache_subnets" { default = [] }
variable "redshift_subnets" { default = [] }
variable "intra_subnets" { default = [] }
variable "outpost_subnets" { default = [] }
variable "map_public_ip_on_launch" { default = null }

variable "enable_flow_log" { default = false }
variable "flow_log_traffic_type" { default = "ALL" }

variable "manage_default_security_group" { default = null }
variable "default_security_group_ingress" { default = [] }
variable "default_security_group_egress" { default = [] }

variable "manage_default_network_acl" { default = null }
variable "default_network_acl_ingress" { default = [] }

variable "public_dedicated_network_acl" { default = false }
variable "public_inbound_acl_rules" { default = [] }
variable "private_dedicated_network_acl" { default = false }
variable "private_inbound_acl_rules" { default = [] }
variable "database_dedicated_network_acl" { default = false }
variable "database_inbound_acl_rules" { default = [] }
variable "redshift_dedicated_network_acl" { default = false }
variable "redshift_inbound_acl_rules" { default = [] }
variable "elasticache_dedicated_network_acl" { default = false }
variable "elasticache_inbound_acl_rules" { default = [] }
variable "intra_dedicated_network_acl" { default = false }
variable "intra_inbound_acl_rules" { default = [] }
variable "outpost_dedicated_network_acl" { default = false }
variable "outpost_inbound_acl_rules" { default = [] }

locals {
  private_subnets = concat(var.private_subnets, var.database_subnets, var.elasticache_subnets, var.redshift_subnets, var.intra_subnets, var.outpost_subnets)

  # Since 4.0 the defaults of a new VPC are taken over, and public subnets give no public addresses by themselves.
  manages_defaults      = var.module_most < 4000 ? false : var.module_least >= 4000 ? true : var.unknown
  maps_public_addresses = var.module_most < 4000 ? true : var.module_least >= 4000 ? false : var.unknown
  manages_group         = var.manage_default_security_group != null ? var.manage_default_security_group : local.manages_defaults
  manages_acl           = var.manage_default_network_acl != null ? var.manage_default_network_acl : local.manages_defaults

  # Network ACLs allow everything where nothing is said, as those that AWS makes do: only what is given is told here.
  inbound_rules = {
    public      = var.public_dedicated_network_acl ? var.public_inbound_acl_rules : []
    private     = var.private_dedicated_network_acl ? var.private_inbound_acl_rules : []
    database    = var.database_dedicated_network_acl ? var.database_inbound_acl_rules : []
    redshift    = var.redshift_dedicated_network_acl ? var.redshift_inbound_acl_rules : []
    elasticache = var.elasticache_dedicated_network_acl ? var.elasticache_inbound_acl_rules : []
    intra       = var.intra_dedicated_network_acl ? var.intra_inbound_acl_rules : []
    outpost     = var.outpost_dedicated_network_acl ? var.outpost_inbound_acl_rules : []
  }
  numbered_rules = merge([
    for tier, rules in local.inbound_rules : { for at, rule in rules : "${tier}-${at}" => merge(rule, { tier = tier }) }
  ]...)
}

resource "aws_vpc" "this" {
  count = var.create_vpc ? 1 : 0

  cidr_block         = var.cidr
  enable_dns_support = var.enable_dns_support
}

resource "aws_default_vpc" "this" {
  count = var.manage_default_vpc ? 1 : 0

  force_destroy = null
}

resource "aws_subnet" "public" {
  count = var.create_vpc ? length(var.public_subnets) : 0

  vpc_id                  = aws_vpc.this[0].id
  cidr_block              = var.public_subnets[count.index]
  map_public_ip_on_launch = var.map_public_ip_on_launch != null ? var.map_public_ip_on_launch : local.maps_public_addresses
}

resource "aws_subnet" "private" {
  count = var.create_vpc ? length(local.private_subnets) : 0

  vpc_id                  = aws_vpc.this[0].id
  cidr_block              = local.private_subnets[count.index]
  map_public_ip_on_launch = null
}

resource "aws_flow_log" "this" {
  count = var.create_vpc && var.enable_flow_log ? 1 : 0

  vpc_id       = aws_vpc.this[0].id
  traffic_type = var.flow_log_traffic_type
}

resource "aws_default_security_group" "this" {
  count = var.create_vpc && local.manages_group ? 1 : 0

  vpc_id      = aws_vpc.this[0].id
  name        = null
  description = null

  dynamic "ingress" {
    for_each = var.default_security_group_ingress

    content {
      description      = try(ingress.value.description, null)
      from_port        = try(ingress.value.from_port, 0)
      to_port          = try(ingress.value.to_port, 0)
      protocol         = try(ingress.value.protocol, "-1")
      cidr_blocks      = try(compact(split(",", ingress.value.cidr_blocks)), null)
      ipv6_cidr_blocks = try(compact(split(",", ingress.value.ipv6_cidr_blocks)), null)
      prefix_list_ids  = try(compact(split(",", ingress.value.prefix_list_ids)), null)
    }
  }

  dynamic "egress" {
    for_each = var.default_security_group_egress

    content {
      description      = try(egress.value.description, null)
      from_port        = try(egress.value.from_port, 0)
      to_port          = try(egress.value.to_port, 0)
      protocol         = try(egress.value.protocol, "-1")
      cidr_blocks      = try(compact(split(",", egress.value.cidr_blocks)), null)
      ipv6_cidr_blocks = try(compact(split(",", egress.value.ipv6_cidr_blocks)), null)
      prefix_list_ids  = try(compact(split(",", egress.value.prefix_list_ids)), null)
    }
  }

}

resource "aws_default_network_acl" "this" {
  count = var.create_vpc && local.manages_acl ? 1 : 0

  dynamic "ingress" {
    for_each = var.default_network_acl_ingress

    content {
      action          = ingress.value.action
      rule_no         = ingress.value.rule_no
      protocol        = ingress.value.protocol
      from_port       = ingress.value.from_port
      to_port         = ingress.value.to_port
      cidr_block      = try(ingress.value.cidr_block, null)
      ipv6_cidr_block = try(ingress.value.ipv6_cidr_block, null)
    }
  }
}

resource "aws_network_acl" "this" {
  for_each = var.create_vpc ? { for tier, rules in local.inbound_rules : tier => rules if length(rules) > 0 } : {}

  ingress = null
}

resource "aws_network_acl_rule" "inbound" {
  for_each = var.create_vpc ? local.numbered_rules : {}

  network_acl_id  = aws_network_acl.this[each.value.tier].id
  egress          = false
  rule_number     = each.value.rule_number
  rule_action     = each.value.rule_action
  protocol        = each.value.protocol
  from_port       = try(each.value.from_port, null)
  to_port         = try(each.value.to_port, null)
  cidr_block      = try(each.value.cidr_block, null)
  ipv6_cidr_block = try(each.value.ipv6_cidr_block, null)
}
