# A client of our own rents the machine, looks after it and gives it back: Terraform's provider keeps no trace of a
# create whose answer was lost. Terraform holds what was rented, so that a plan tells when it is another one.
resource "terraform_data" "machine" {
  triggers_replace = var.machine_id

  input = {
    deployment_id = var.deployment_id
    id            = var.machine_id
    url           = var.url
    health_url    = "${var.url}${var.health_path}"
    hourly_usd    = var.hourly_usd
  }
}
