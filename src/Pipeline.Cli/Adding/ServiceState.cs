namespace Pipeline.Cli.Adding;

/// <summary>A state of a service.</summary>
/// <param name="Service">The service.</param>
/// <param name="Type">The full name of the record.</param>
/// <param name="Model">The full name of the property that says how it is stored.</param>
internal sealed record ServiceState(string Service, string Type, string Model)
{
    /// <summary>Gets the name of the record.</summary>
    public string Name => Type[(Type.LastIndexOf('.') + 1)..];

    /// <summary>Gets the namespace of the record.</summary>
    public string Namespace => Type[..Type.LastIndexOf('.')];

    /// <summary>Gets how the property is called in the namespace of the record.</summary>
    public string Property => Model.StartsWith(Namespace + ".", StringComparison.Ordinal) ? Model[(Namespace.Length + 1)..] : $"global::{Model}";
}
