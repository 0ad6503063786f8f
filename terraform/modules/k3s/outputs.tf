output "deployment_id" {
  value       = terraform_data.namespace.output
  description = "As given, once it is recorded."
}

output "namespace" {
  value       = terraform_data.workload.output.namespace
  description = "Everything of the deployment is in it."
}

output "endpoint_url" {
  value       = terraform_data.workload.output.url
  description = "Where the API answers inside the cluster."
}

output "service_urls" {
  value       = { api = terraform_data.workload.output.url }
  description = "Each Service of the deployment."
}

output "host" {
  value       = { connection = "none" }
  description = "Nothing is configured on a host: the images are complete."
}
