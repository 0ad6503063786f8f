variables {
  deployment_id = "rag-chatbot-3f9a2c"
  name          = "rag-chatbot"
  host          = "10.0.0.5"
  user          = "ann"
  root          = "/srv/mlops/rag-chatbot-3f9a2c"
  ports         = { api = 20100, litellm = 20101, model_server = 20102 }
  services      = ["litellm", "model-server"]
}

run "records_what_the_deployment_occupies" {
  assert {
    condition     = output.endpoint_url == "http://127.0.0.1:20100"
    error_message = "The endpoint is the API's port on loopback."
  }

  assert {
    condition     = output.service_urls["model-server"] == "http://127.0.0.1:20102"
    error_message = "Each service has its own URL."
  }

  assert {
    condition     = output.host == { connection = "ssh", host = "10.0.0.5", port = 22, user = "ann" }
    error_message = "Ansible logs in to the host."
  }
}

run "answers_where_the_api_is_bound" {
  variables {
    api_host = "fd00::5"
  }

  assert {
    condition     = output.endpoint_url == "http://[fd00::5]:20100"
    error_message = "The endpoint is the address that was chosen."
  }

  assert {
    condition     = output.service_urls.litellm == "http://127.0.0.1:20101"
    error_message = "What stands behind the API stays on loopback."
  }
}

run "answers_by_its_name" {
  variables {
    server_name = "chat.example.com"
  }

  assert {
    condition     = output.endpoint_url == "https://chat.example.com"
    error_message = "The endpoint is the name that leads to it."
  }

  assert {
    condition     = output.service_urls.litellm == "http://127.0.0.1:20101"
    error_message = "What stands behind the API has no name."
  }
}

run "refuses_a_name_that_could_become_code" {
  command = plan

  variables {
    server_name = "chat.example.com {"
  }

  expect_failures = [var.server_name]
}

run "refuses_a_host_that_is_an_option" {
  command = plan

  variables {
    host = "-oProxyCommand=id"
  }

  expect_failures = [var.host]
}

run "refuses_a_user_that_is_an_option" {
  command = plan

  variables {
    user = "-l"
  }

  expect_failures = [var.user]
}

run "needs_no_service_beside_the_api" {
  variables {
    services = []
  }

  assert {
    condition     = output.ports == { api = 20100 }
    error_message = "A port is occupied by a service that runs, not by one that might."
  }
}

run "refuses_an_id_that_is_no_label" {
  command = plan

  variables {
    deployment_id = "Rag_Chatbot"
  }

  expect_failures = [var.deployment_id]
}

run "refuses_a_blank_name" {
  command = plan

  variables {
    name = " "
  }

  expect_failures = [var.name]
}

run "refuses_a_relative_root" {
  command = plan

  variables {
    root = "deployments/rag"
  }

  expect_failures = [var.root]
}

run "refuses_a_root_that_climbs" {
  command = plan

  variables {
    root = "/srv/../etc"
  }

  expect_failures = [var.root]
}

run "refuses_one_port_for_two" {
  command = plan

  variables {
    ports = { api = 20100, litellm = 20100, model_server = 20102 }
  }

  expect_failures = [var.ports]
}

run "refuses_a_privileged_port" {
  command = plan

  variables {
    ports = { api = 80, litellm = 20101, model_server = 20102 }
  }

  expect_failures = [var.ports]
}

run "refuses_an_unknown_service" {
  command = plan

  variables {
    services = ["gpu-miner"]
  }

  expect_failures = [var.services]
}
