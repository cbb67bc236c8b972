using System.Text;
using Microsoft.AspNetCore.Http;
using Pipeline.AzureFunctions.Http;
using Pipeline.Storage;
using static Pipeline.AzureFunctions.Http.Answers;
using static Pipeline.AzureFunctions.Http.Requests;

namespace Pipeline.AzureFunctions.OperatorApi;

/// <summary>Common parts of the lists for operators: query parameters, pages over all containers, and their failures.</summary>
internal static class Lists
{
    /// <summary>Refuses unknown query parameters, and turns failures of a list into answers.</summary>
    /// <param name="request">The request.</param>
    /// <param name="parameters">The query parameters that the function takes.</param>
    /// <param name="action">Answers the request.</param>
    public static async Task<IResult> GuardAsync(HttpRequest request, string[] parameters, Func<Task<IResult>> action)
    {
        if (ValidateQuery(request, parameters) is { } refusal)
            return refusal;
        try
        {
            return await Answers.GuardAsync(request, action);
        }
        catch (InvalidContinuationException)
        {
            return BadContinuation();
        }
    }

    /// <summary>Gets a query parameter; <see langword="null"/> if it is missing or empty.</summary>
    public static string? Query(HttpRequest request, string name) =>
        request.Query[name].ToString() is { Length: > 0 } value ? value : null;

    /// <summary>Gets the refusal of query parameters with hidden characters, which no stored text has.</summary>
    public static IResult? HiddenIn(HttpRequest request, params ReadOnlySpan<string> names)
    {
        foreach (var name in names)
        {
            if (ValidateTexts((name, Query(request, name))) is { } hidden)
                return hidden;
        }

        return null;
    }

    /// <summary>The query parameter <c>limit</c>.</summary>
    public static bool TryReadLimit(HttpRequest request, int otherwise, int most, out int limit, out IResult? refusal) =>
        TryReadNumber(request, "limit", otherwise, most, out limit, out refusal);

    /// <summary>A query parameter from 1 to <paramref name="most"/>.</summary>
    public static bool TryReadNumber(HttpRequest request, string name, int otherwise, int most, out int number, out IResult? refusal)
    {
        number = otherwise;
        var isUsable = Query(request, name) is not { } text
            || (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number) && number >= 1 && number <= most);
        refusal = isUsable
            ? null
            : Problem(ProblemTypes.NumberOutOfRange, string.Create(CultureInfo.InvariantCulture, $"'{name}' must be a whole number from 1 to {most}."));
        return isUsable;
    }

    /// <summary>Reads pages of one container after the other until there are enough items.</summary>
    /// <param name="all">The containers, in an order that stays.</param>
    /// <param name="position">Where the previous page ended, as <see cref="TryReadPosition(HttpRequest, out int, out string?)"/> has it.</param>
    /// <param name="limit">The most items.</param>
    /// <param name="read">Reads a page of a container, given how many items are still wanted and the continuation.</param>
    /// <returns>The items and the continuation; <see langword="null"/> after the last page.</returns>
    public static async Task<(List<T> Items, string? Continuation)> PageAsync<T>(
        IReadOnlyCollection<CosmosPartitionStore> all,
        (int Index, string? Continuation) position,
        int limit,
        Func<CosmosPartitionStore, int, string?, Task<(IReadOnlyList<T> Items, string? Continuation)>> read)
    {
        var items = new List<T>();
        var (index, continuation) = position;
        foreach (var store in all.Skip(index))
        {
            (var page, continuation) = await read(store, limit - items.Count, continuation);
            items.AddRange(page);
            if (continuation is not null || items.Count >= limit)
                break;
            index++;
        }

        return (items, PositionOf(all.Count, index, continuation));
    }

    /// <summary>Reads a position: the container's index and Cosmos DB's continuation within it.</summary>
    public static bool TryReadPosition(HttpRequest request, out int index, out string? continuation) =>
        TryReadPosition(Query(request, "continuation"), out index, out continuation);

    /// <summary>Reads a position made by <see cref="PositionOf"/>; <see langword="null"/> is the start.</summary>
    public static bool TryReadPosition(string? text, out int index, out string? continuation)
    {
        (index, continuation) = (0, null);
        if (text is null)
            return true;
        try
        {
            var parts = Encoding.UTF8.GetString(Convert.FromBase64String(text)).Split('\n', 2);
            continuation = parts.Length == 2 && parts[1].Length > 0 ? parts[1] : null;
            return int.TryParse(parts[0], CultureInfo.InvariantCulture, out index) && index >= 0;
        }
        catch (FormatException)
        {
            return false;
        }
    }

    /// <summary>Gets the continuation for the next page; <see langword="null"/> after the last page.</summary>
    public static string? PositionOf(int count, int index, string? continuation) =>
        continuation is not null ? Encode(string.Create(CultureInfo.InvariantCulture, $"{index}\n{continuation}"))
        : index + 1 < count ? Encode(string.Create(CultureInfo.InvariantCulture, $"{index + 1}\n"))
        : null;

    public static IResult BadContinuation() =>
        Problem(ProblemTypes.ContinuationInvalid, "Send the 'continuation' of the previous page unchanged and URL-encoded, or none for the first page.");

    private static string Encode(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));
}
