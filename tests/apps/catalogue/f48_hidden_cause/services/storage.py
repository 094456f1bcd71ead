import frobnicate_driver

pool = frobnicate_driver.connect()
