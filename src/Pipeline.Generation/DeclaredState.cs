namespace Pipeline.Generation;

/// <summary>How a state is stored, with the static property that says so.</summary>
/// <param name="Property">The property.</param>
/// <param name="State">The type of the state.</param>
/// <param name="Service">The service whose consumers have that state.</param>
internal sealed record DeclaredState(string Property, Type State, string Service);
