module "ssh" {
  source = "../../modules/ssh"

  deployment_id = "rag-chatbot-3f9a2c"
  name          = "rag-chatbot"
  host          = "10.0.0.5"
  user          = "ann"
  root          = "/home/ann/.local/share/mlops/rag-chatbot-3f9a2c"
  ports         = { api = 20100, litellm = 20101, model_server = 20102 }
  services      = ["litellm", "model-server"]
  labels        = { owner = "platform-team" }
}

output "endpoint_url" {
  value = module.ssh.endpoint_url
}
