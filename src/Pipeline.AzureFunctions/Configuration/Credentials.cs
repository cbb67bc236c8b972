using Azure.Identity;
using Microsoft.Extensions.Configuration;

namespace Pipeline.AzureFunctions.Configuration;

/// <summary>The managed identity that the app opens services with.</summary>
internal static class Credentials
{
    public static DefaultAzureCredential Of(IConfiguration configuration, Setting clientId) =>
        new(new DefaultAzureCredentialOptions { ManagedIdentityClientId = clientId.Of(configuration) });
}
