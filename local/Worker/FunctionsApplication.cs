namespace Microsoft.Azure.Functions.Worker.Builder;

/// <summary>Where an app starts.</summary>
public class FunctionsApplication
{
    /// <summary>A builder with configuration, logging and the functions' host set up.</summary>
    /// <param name="args">The command line: <c>--Name value</c> overrides any setting.</param>
    public static FunctionsApplicationBuilder CreateBuilder(string[] args)
    {
        ArgumentNullException.ThrowIfNull(args);
        return new FunctionsApplicationBuilder(args);
    }
}
