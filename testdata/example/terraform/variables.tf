variable "environment" {
  type    = string
  default = "prod"
}

variable "image" {
  description = "The machine image of the web servers"
  type        = string
}

variable "admin_ports" {
  type    = map(number)
  default = { ssh = 22, metrics = 9100 }
}

variable "admin_networks" {
  description = "Who may reach the administration ports"
  type        = list(string)
  default     = ["10.0.0.0/8"]
}
