module "k3s" {
  source = "../../modules/k3s"

  deployment_id = "churn-3f9a2c"
  kustomization = jsonencode({ kind = "Kustomization", resources = ["resources.json"] })
  resources     = jsonencode({ apiVersion = "v1", kind = "List", items = [] })
}

output "endpoint_url" {
  value = module.k3s.endpoint_url
}
