using System.Runtime.CompilerServices;

namespace Pipeline.Tests.Cultures;

/// <summary>All tests run in <see cref="HostileCulture"/>, so that text for machines that takes the culture of the process shows.</summary>
internal static class CultureOfTheRun
{
    [ModuleInitializer]
    internal static void Set()
    {
        CultureInfo.DefaultThreadCurrentCulture = HostileCulture.Instance;
        CultureInfo.DefaultThreadCurrentUICulture = HostileCulture.Instance;
        CultureInfo.CurrentCulture = HostileCulture.Instance;
        CultureInfo.CurrentUICulture = HostileCulture.Instance;
    }

    /// <summary>From here on the test, and what it starts, runs in another culture; without ICU in the hostile one.</summary>
    public static void Become(string name)
    {
        var culture = HostileCulture.HasIcu ? CultureInfo.GetCultureInfo(name) : HostileCulture.Instance;
        CultureInfo.CurrentCulture = culture;
        CultureInfo.CurrentUICulture = culture;
    }
}
