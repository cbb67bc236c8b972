using Company.App_1.Contracts;
using Company.App_1.Functions;
using Company.App_1.Services;
using Microsoft.Azure.Functions.Worker.Builder;
using Microsoft.Extensions.Hosting;
using Pipeline.AzureFunctions;

var builder = FunctionsApplication.CreateBuilder(args);
builder.ConfigureFunctionsWebApplication();
builder.Services.AddPipeline(
    builder.Configuration,
    new PipelineDefinition(ContractCatalog.All, ContractCatalog.Topology, Catalog.Consumers),
    pipeline => pipeline.AddCommandRunners().AddProblemTypes([InvoicesApi.InvoiceInvalid]));
return builder.Build().RunPipeline();
