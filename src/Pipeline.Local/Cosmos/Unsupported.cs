namespace Pipeline.Local.Cosmos;

/// <summary>Requests for what the real service has and this endpoint has not: 400 with what it is and what to do instead.</summary>
internal static class Unsupported
{
    public static CosmosFailure Request(CosmosRequest request)
    {
        if (request.Path.Trim('/') == "addresses")
        {
            return new(
                400, "This endpoint offers the gateway mode only, as the emulators do. Set CosmosClientOptions.ConnectionMode to ConnectionMode.Gateway.");
        }

        return CosmosFailure.NotSupported($"{request.Method} {request.Path}: {Reason(request)}");
    }

    private static string Reason(CosmosRequest request)
    {
        foreach (var part in request.Path.Trim('/').Split('/').Reverse())
        {
            if (Feature(part) is { } feature)
                return feature;
        }

        return request.Address.Kind switch
        {
            AddressKind.Item or AddressKind.Items => "items are created and queried with POST, read with GET, replaced with PUT, changed with PATCH and deleted with DELETE",
            AddressKind.Container or AddressKind.Containers => "containers are created and queried with POST, read with GET, replaced with PUT and deleted with DELETE",
            AddressKind.Database or AddressKind.Databases => "databases are created and queried with POST, read with GET and deleted with DELETE",
            _ => "there is no such resource here",
        };
    }

    private static string? Feature(string segment) => segment switch
    {
        "sprocs" => "stored procedures do not run here; use a TransactionalBatch, which is as atomic",
        "triggers" => "triggers do not run here; do it in the client, or on the change feed",
        "udfs" => "user-defined functions do not run here; use the built-in functions, or compute in the client",
        "conflicts" => "conflicts arise with several write regions only, and there is one here",
        "users" or "permissions" => "users and permissions are not kept here; use the account's key",
        "offers" => "throughput is not kept, since nothing is throttled here; leave out the call, or catch this error",
        "clientencryptionkeys" => "client-side encryption is not supported; test it in Azure",
        "attachments" or "media" => "attachments are not supported; keep files in blob storage",
        "partitionkeydelete" => "deleting a whole partition is not supported; query its ids and delete them in batches",
        _ => null,
    };
}
