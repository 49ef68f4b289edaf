# Outline of https://registry.terraform.io/modules/terraform-aws-modules/vpc/aws/latest/submodules/flow-log, version 6.

variable "create" { default = true }
variable "vpc_id" { default = null }
variable "traffic_type" { default = "ALL" }

resource "aws_flow_log" "this" {
  count = var.create ? 1 : 0

  vpc_id       = var.vpc_id
  traffic_type = var.traffic_type
}
