namespace Pipeline.Local.Hosting;

/// <summary>Which key a caller of an endpoint has to show; by the names of <c>authLevel</c>.</summary>
internal enum KeyLevel
{
    /// <summary>None.</summary>
    Anonymous,

    /// <summary>None; what it once meant is no more.</summary>
    User,

    /// <summary>The host key or a function's.</summary>
    Function,

    /// <summary>That of an extension.</summary>
    System,

    /// <summary>The master key.</summary>
    Admin,
}
