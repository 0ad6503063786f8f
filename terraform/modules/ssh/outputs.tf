output "deployment_id" {
  value       = terraform_data.deployment.output.deployment_id
  description = "As given, once it is recorded."
}

output "endpoint_url" {
  value       = terraform_data.service["api"].output.url
  description = "Where the pipeline's API answers."
}

output "service_urls" {
  value       = { for name, service in terraform_data.service : name => service.output.url }
  description = "Each process of the deployment and where it listens."
}

output "ports" {
  value       = { for name, service in terraform_data.service : name => service.output.port }
  description = "Ports the deployment occupies, by process."
}

output "root" {
  value       = terraform_data.deployment.output.root
  description = "The deployment's folder."
}

output "labels" {
  value       = terraform_data.deployment.output.labels
  description = "As given."
}

output "host" {
  value = {
    connection = "ssh"
    host       = terraform_data.deployment.output.host
    port       = terraform_data.deployment.output.port
    user       = terraform_data.deployment.output.user
  }
  description = "How Ansible reaches the host."
}
