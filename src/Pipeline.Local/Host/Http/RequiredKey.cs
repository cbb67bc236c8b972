namespace Pipeline.Local.Hosting;

/// <summary>Endpoint metadata: the key that a caller has to show in Azure, and here if keys are enforced.</summary>
internal sealed record RequiredKey(string Function, KeyLevel Level);
