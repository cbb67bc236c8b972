using System.Net;
using Microsoft.Azure.Cosmos;

namespace Pipeline.Storage;

/// <summary>Maps status codes of Cosmos DB to exceptions of the pipeline, and says which of them are transient.</summary>
internal static class CosmosErrors
{
    public static void ThrowIfFailed(ResponseMessage response, string operation)
    {
        if (!response.IsSuccessStatusCode)
            throw Failure(response.StatusCode, operation, response.ErrorMessage);
    }

    public static Exception Failure(HttpStatusCode status, string operation, string? detail)
    {
        var message = string.Create(CultureInfo.InvariantCulture, $"Cosmos DB answered {(int)status} to a {operation}: {detail}");
        return status == HttpStatusCode.RequestEntityTooLarge ? new CommitTooLargeException(message)
            : IsTransient(status) ? new StoreUnavailableException(message)
            : new InvalidOperationException(message);
    }

    public static bool IsTransient(Exception exception) => exception switch
    {
        StoreUnavailableException or HttpRequestException or TimeoutException or OperationCanceledException or IOException => true,
        CosmosException e => IsTransient(e.StatusCode),
        _ => false,
    };

    private static bool IsTransient(HttpStatusCode status) => status is HttpStatusCode.TooManyRequests or HttpStatusCode.RequestTimeout or HttpStatusCode.Gone
        or HttpStatusCode.InternalServerError or HttpStatusCode.ServiceUnavailable or (HttpStatusCode)449 or HttpStatusCode.Forbidden;
}
