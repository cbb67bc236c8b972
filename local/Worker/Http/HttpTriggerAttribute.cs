using Microsoft.Azure.Functions.Worker.Extensions.Abstractions;

namespace Microsoft.Azure.Functions.Worker;

/// <summary>Which key a caller of an HTTP function must show.</summary>
public enum AuthorizationLevel
{
    /// <summary>None.</summary>
    Anonymous = 0,

    /// <summary>A user token; Azure treats it as <see cref="Anonymous"/>.</summary>
    User = 1,

    /// <summary>The function's own key, or the app's.</summary>
    Function = 2,

    /// <summary>An extension's key.</summary>
    System = 3,

    /// <summary>The app's master key.</summary>
    Admin = 4,
}

/// <summary>Runs a function for HTTP requests.</summary>
public sealed class HttpTriggerAttribute : TriggerBindingAttribute
{
    /// <summary>Any method, with a function key.</summary>
    public HttpTriggerAttribute()
        : this(AuthorizationLevel.Function)
    {
    }

    /// <summary>The given methods, with a function key.</summary>
    public HttpTriggerAttribute(params string[] methods)
        : this(AuthorizationLevel.Function, methods)
    {
    }

    /// <summary>Any method.</summary>
    public HttpTriggerAttribute(AuthorizationLevel authLevel)
    {
        AuthLevel = authLevel;
    }

    /// <summary>The given methods.</summary>
    public HttpTriggerAttribute(AuthorizationLevel authLevel, params string[] methods)
    {
        AuthLevel = authLevel;
        Methods = methods;
    }

    /// <summary>Route template under the route prefix. Default: the function's name.</summary>
    public string? Route { get; set; }

    /// <summary>Allowed methods; <see langword="null"/> or empty = any.</summary>
    public string[]? Methods { get; }

    /// <summary>Which key a caller must show.</summary>
    public AuthorizationLevel AuthLevel { get; }
}
