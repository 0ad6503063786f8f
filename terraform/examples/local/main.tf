module "local" {
  source = "../../modules/local"

  deployment_id = "rag-chatbot-3f9a2c"
  name          = "rag-chatbot"
  root          = "/var/lib/mlops/deployments/rag-chatbot-3f9a2c"
  ports         = { api = 20100, litellm = 20101, model_server = 20102 }
  services      = ["litellm", "model-server"]
  labels        = { owner = "platform-team" }
}

output "endpoint_url" {
  value = module.local.endpoint_url
}
