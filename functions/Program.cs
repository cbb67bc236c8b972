using Microsoft.Azure.Functions.Worker.Builder;
using Microsoft.Extensions.Hosting;
using Pipeline.Functions;

var builder = FunctionsApplication.CreateBuilder(args);
builder.ConfigureFunctionsWebApplication();
builder.Services.AddPipeline(builder.Configuration);
try
{
    builder.Build().Run();
    return 0;
}
catch (Exception wrong) when (wrong is SettingsException or WiringException)
{
    Console.Error.WriteLine(Pipeline.VisibleText.EscapeLines(wrong.Message));
    return 1;
}
