using Pipeline.AzureFunctions.Configuration;

namespace Pipeline.Functions;

/// <summary>The settings of the sample. A test compares them with <c>docs/reference/settings.md</c>.</summary>
internal static class SampleSettings
{
    public static readonly Setting SalesAddress = new(
        "Sales__baseAddress", "the address where Reporting reads sales figures, if it is not this app", "https://myapp.azurewebsites.net")
    {
        Error = Setting.AddressError,
    };

    public static readonly Setting SalesKey = new(
        "Sales__key", "the function key that Reporting sends to that address; in Azure a reference to Key Vault",
        "@Microsoft.KeyVault(SecretUri=https://myvault.vault.azure.net/secrets/host--functionKey--default)", SettingPlace.InAzure | SettingPlace.OnMachine);

    public static readonly IReadOnlyList<Setting> All = [SalesAddress, SalesKey];
}
