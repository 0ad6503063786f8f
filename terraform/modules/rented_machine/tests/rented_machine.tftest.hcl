variables {
  deployment_id = "vllm-serving-3f9a2c"
  machine_id    = "xedezhzb9la3ye"
  url           = "https://xedezhzb9la3ye-8000.proxy.runpod.net"
  hourly_usd    = 0.39
}

run "holds_the_machine" {
  assert {
    condition     = output.service_urls.health == "https://xedezhzb9la3ye-8000.proxy.runpod.net/health"
    error_message = "Health is asked for below the server's address."
  }

  assert {
    condition     = output.machine_id == "xedezhzb9la3ye"
    error_message = "The machine is the one that was rented."
  }
}

run "another_machine_replaces_it" {
  variables {
    machine_id = "pq7hs2bn0c1vvx"
  }

  assert {
    condition     = output.machine_id == "pq7hs2bn0c1vvx"
    error_message = "The newer machine is held."
  }
}

run "refuses_an_id_that_is_none" {
  command = plan

  variables {
    machine_id = "xedezhzb9la3ye; reboot"
  }

  expect_failures = [var.machine_id]
}

run "refuses_an_address_that_is_none" {
  command = plan

  variables {
    url = "xedezhzb9la3ye-8000.proxy.runpod.net"
  }

  expect_failures = [var.url]
}

run "refuses_a_negative_price" {
  command = plan

  variables {
    hourly_usd = -1
  }

  expect_failures = [var.hourly_usd]
}
