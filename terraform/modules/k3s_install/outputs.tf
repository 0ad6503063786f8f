output "kubeconfig_file" {
  value       = terraform_data.cluster.output.kubeconfig
  description = "Where the cluster's kubeconfig is, once it answers."
}

output "url" {
  value       = "https://${strcontains(var.host, ":") ? "[${var.host}]" : var.host}:6443"
  description = "Where the cluster answers."
}
