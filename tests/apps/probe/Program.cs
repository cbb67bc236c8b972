using Microsoft.Azure.Functions.Worker.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Pipeline.ProbeApp;

var builder = FunctionsApplication.CreateBuilder(args);
if (builder.Configuration["PROBE_HTTP"] != "plain")
    builder.ConfigureFunctionsWebApplication();
builder.Services.AddSingleton(new Probe(new Uri(builder.Configuration["PROBE_URL"] ?? throw new InvalidOperationException("PROBE_URL is not set."))));
builder.Build().Run();
