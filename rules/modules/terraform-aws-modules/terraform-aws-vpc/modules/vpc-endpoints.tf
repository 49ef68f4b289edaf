# Outline of https://registry.terraform.io/modules/terraform-aws-modules/vpc/aws/latest/submodules/vpc-endpoints,
# versions 3 to 6.

variable "create" { default = true }
variable "endpoints" { default = {} }

resource "aws_vpc_endpoint" "this" {
  for_each = { for name, endpoint in var.endpoints : name => endpoint if var.create && try(endpoint.create, true) }

  policy = try(each.value.policy, null)
}
