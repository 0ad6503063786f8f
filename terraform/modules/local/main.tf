locals {
  host     = "127.0.0.1"
  services = toset(concat(["api"], var.services))
  ports = {
    api            = var.ports.api
    litellm        = var.ports.litellm
    "model-server" = var.ports.model_server
  }
  urls = { for service in local.services : service => "http://${local.host}:${local.ports[service]}" }
}

# This host is there already: what is created is the record of what the deployment occupies on it.
resource "terraform_data" "deployment" {
  triggers_replace = var.deployment_id

  input = {
    deployment_id = var.deployment_id
    name          = var.name
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
