locals {
  services = toset(concat(["api"], var.services))
  ports = {
    api            = var.ports.api
    litellm        = var.ports.litellm
    "model-server" = var.ports.model_server
  }
  hosts = { for service in local.services : service => service == "api" ? var.api_host : "127.0.0.1" }
  urls = {
    for service, host in local.hosts :
    service => service == "api" && var.server_name != "" ? "https://${var.server_name}" : "http://${strcontains(host, ":") ? "[${host}]" : host}:${local.ports[service]}"
  }
}

# The machine is there already: what is created is the record of what the deployment occupies on it.
resource "terraform_data" "deployment" {
  triggers_replace = var.deployment_id

  input = {
    deployment_id = var.deployment_id
    name          = var.name
    host          = var.host
    port          = var.port
    user          = var.user
    root          = var.root
    labels        = var.labels
  }
}

resource "terraform_data" "service" {
  for_each = local.services

  input = {
    deployment_id = terraform_data.deployment.output.deployment_id
    port          = local.ports[each.key]
    url           = local.urls[each.key]
  }
}
