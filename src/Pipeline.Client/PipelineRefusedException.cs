using System.Net;

namespace Pipeline.Client;

/// <summary>The pipeline answered with a status that is not success.</summary>
public sealed class PipelineRefusedException : PipelineClientException
{
    internal PipelineRefusedException(string message, HttpStatusCode status, ProblemDetails? problem, Uri? location)
        : base(message)
    {
        Status = status;
        Problem = problem;
        Location = location;
    }

    /// <summary>Gets the HTTP status.</summary>
    public HttpStatusCode Status { get; }

    /// <summary>
    /// Gets the problem details; <see langword="null"/> if the answer has none: then a proxy or another program answered. Compare
    /// <see cref="ProblemDetails.Type"/>, not the texts.
    /// </summary>
    public ProblemDetails? Problem { get; }

    /// <summary>Gets where the address redirects to; <see langword="null"/> if it does not. Redirects are not followed, because the key is for one address.</summary>
    public Uri? Location { get; }

    /// <inheritdoc/>
    public override bool IsTransient => (int)Status >= 500 || Status is HttpStatusCode.TooManyRequests or HttpStatusCode.RequestTimeout;
}
