using System.Text.Json;

namespace Pipeline.Tests.Deployment;

/// <summary>What a deployment would make, as <c>bicep snapshot</c> says: every expression is evaluated but those that ask Azure.</summary>
internal sealed record Snapshot(IReadOnlyList<DeployedResource> Resources, JsonElement Outputs)
{
    public static Snapshot Parse(string json)
    {
        var root = JsonDocument.Parse(json).RootElement;
        Assert.Empty(root.GetProperty("diagnostics").EnumerateArray());
        return new([.. root.GetProperty("predictedResources").EnumerateArray().Select(r => new DeployedResource(r))], root.GetProperty("outputs"));
    }

    /// <summary>All resources of a type, such as <c>Microsoft.Web/sites</c>.</summary>
    public IReadOnlyList<DeployedResource> Of(string type) => [.. Resources.Where(r => r.Type == type)];

    /// <summary>The only resource of a type.</summary>
    public DeployedResource The(string type) => Assert.Single(Of(type));
}
