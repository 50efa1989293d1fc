import SiteTraining

WorkerServer.runOnStandardInput()
