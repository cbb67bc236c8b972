using Microsoft.Extensions.Hosting;
using Pipeline.AzureFunctions.Configuration;

namespace Pipeline.AzureFunctions;

/// <summary>Runs an app with a pipeline.</summary>
public static class PipelineHosting
{
    /// <summary>Runs the app until it is stopped. Wrong settings and missing parts are written to the standard error as a list.</summary>
    /// <param name="host">The app.</param>
    /// <returns>The exit code: 0, or 1 if the app cannot start.</returns>
    public static int RunPipeline(this IHost host)
    {
        try
        {
            host.Run();
            return 0;
        }
        catch (Exception wrong) when (wrong is SettingsException or WiringException)
        {
            Console.Error.WriteLine(VisibleText.EscapeLines(wrong.Message));
            return 1;
        }
    }
}
