using System.Text.Json;
using Microsoft.Azure.Cosmos;
using Pipeline.BookingApp;

namespace Pipeline.Tests;

/// <content>What must be true of bookings, rooms, money, keys, statistics and reports.</content>
internal static partial class Invariants
{
    /// <summary>
    /// Checks effects and order, counts anew what the streams of the bookings say, and holds it against what is stored. Returns how many
    /// bookings ended completed and cancelled.
    /// </summary>
    public static async Task<(int Completed, int Cancelled)> CheckAsync(Func<string, Container> containerOf, IReadOnlyDictionary<string, int> rooms)
    {
        var problems = new List<string>();
        var bookings = (await StreamsAsync(containerOf(Names.Bookings))).Select(stream => EndedBooking.Of(stream.Key, [.. stream], problems)).ToList();
        problems.AddRange(Rooms(await StatesAsync(containerOf(Names.Rooms), "room-"), rooms, bookings));
        var gateways = await AllAsync(containerOf(Names.Gateways), null);
        problems.AddRange(Money(gateways, bookings));
        problems.AddRange(Keys(gateways, await AllAsync(containerOf(Names.Keys), "state"), bookings));
        foreach (var name in Containers)
            await RecordsAsync(containerOf(name), problems);
        problems.AddRange(await CountsAsync(containerOf, bookings));
        Assert.True(problems.Count == 0, string.Join('\n', problems.Take(20)));
        return (bookings.Count(b => b.IsCompleted), bookings.Count(b => !b.IsCompleted));
    }

    private static IEnumerable<string> Rooms(List<JsonElement> vacancies, IReadOnlyDictionary<string, int> total, List<EndedBooking> bookings)
    {
        var (stored, expected) = (new NamedSums(), new NamedSums());
        foreach (var vacancy in vacancies)
        {
            var room = vacancy.GetProperty("room").GetString()!;
            stored.Add($"{room} total", vacancy.GetProperty("total").GetInt32());
            stored.Add($"{room} reserved", vacancy.GetProperty("reserved").GetInt32());
            expected.Add($"{room} total", total[room]);
        }

        foreach (var room in bookings.Where(b => b.IsCompleted).SelectMany(b => b.Rooms))
            expected.Add($"{room.Room} reserved", room.Count);
        return stored.Against(expected, "Rooms");
    }

    private static IEnumerable<string> Money(List<JsonElement> gateways, List<EndedBooking> bookings)
    {
        var (charged, expected) = (new NamedSums(), new NamedSums());
        foreach (var record in gateways.Where(r => r.GetProperty("kind").GetString() == "charge"))
        {
            var (answer, isRefund) = (record.GetProperty("answer"), record.GetProperty("id").GetString()!.StartsWith("refund-", StringComparison.Ordinal));
            if (!answer.TryGetProperty("declined", out _))
                charged.Add(record.GetProperty("pk").GetString()!, isRefund ? -answer.GetProperty("amount").GetDecimal() : answer.GetProperty("amount").GetDecimal());
        }

        foreach (var booking in bookings.Where(b => b.IsCompleted))
            expected.Add(booking.BookingId, booking.Total);
        return charged.Against(expected, "Charged minus refunded");
    }

    /// <summary>A completed booking has one key, which was not revoked; nobody else has one; and Keys knows what the lock system knows.</summary>
    private static IEnumerable<string> Keys(List<JsonElement> gateways, List<JsonElement> states, List<EndedBooking> bookings)
    {
        var answers = gateways.Where(r => r.GetProperty("kind").GetString() == "lock" && !r.GetProperty("answer").TryGetProperty("refused", out _))
            .ToLookup(
                r => (Booking: r.GetProperty("pk").GetString()!, IsIssued: r.GetProperty("id").GetString()!.StartsWith("issue-", StringComparison.Ordinal)),
                r => r.GetProperty("answer").GetProperty("number").GetString()!);
        var statuses = states.ToDictionary(s => s.GetProperty("pk").GetString()!, s => s.GetProperty("data").GetProperty("status").GetString()!);
        foreach (var booking in bookings)
        {
            var (issued, revoked) = (answers[(booking.BookingId, true)].ToList(), answers[(booking.BookingId, false)].ToList());
            var what = $"{booking.BookingId}: is {(booking.IsCompleted ? "completed" : "cancelled")}, but";
            if (issued.Count > 1 || revoked.Count > 1)
                yield return $"{what} a key was issued {issued.Count} times and revoked {revoked.Count} times";
            if (booking.IsCompleted != (issued.Except(revoked).Count() == 1) || revoked.Except(issued).Any())
                yield return $"{what} [{string.Join(", ", issued)}] was issued, [{string.Join(", ", revoked)}] revoked";
            var status = statuses.GetValueOrDefault(booking.BookingId);
            var isRight = booking.IsCompleted ? status == "issued" : revoked.Count > 0 ? status == "revoked" : status is "refused" or "cancelled";
            if (!isRight)
                yield return $"{what} its key {status}";
        }
    }

    /// <summary>Every booking counts once, and for what it was.</summary>
    private static async Task<IEnumerable<string>> CountsAsync(Func<string, Container> containerOf, List<EndedBooking> bookings)
    {
        var (rooms, days) = (new NamedSums(), new NamedSums());
        foreach (var booking in bookings)
        {
            days.Add($"{booking.Day} {(booking.IsCompleted ? "completed" : "cancelled")}", 1);
            if (!booking.IsCompleted)
                continue;
            days.Add($"{booking.Day} revenue {booking.Currency}", booking.Total);
            foreach (var room in booking.Rooms)
            {
                rooms.Add($"{booking.Day} {room.Room} bookings", 1);
                rooms.Add($"{booking.Day} {room.Room} count", room.Count);
                rooms.Add($"{booking.Day} {room.Room} revenue {booking.Currency}", room.Count * room.Price);
            }
        }

        var (statistics, reported, counted) = (new NamedSums(), new NamedSums(), new NamedSums());
        foreach (var state in await StatesAsync(containerOf(Names.Statistics), "statistics-"))
            Figures(statistics, state);
        foreach (var room in (await StatesAsync(containerOf(Names.Reports), "report-")).SelectMany(r => r.GetProperty("rooms").EnumerateObject()))
            Figures(reported, room.Value);
        foreach (var day in await StatesAsync(containerOf(Names.Reports), "bookings-"))
        {
            var name = day.GetProperty("day").GetString()!;
            counted.Add($"{name} completed", day.GetProperty("completed").GetInt32());
            counted.Add($"{name} cancelled", day.GetProperty("cancelled").GetInt32());
            counted.Add($"{name} revenue", day.GetProperty("revenue"));
        }

        return [.. statistics.Against(rooms, "Statistics"), .. reported.Against(rooms, "The report"), .. counted.Against(days, "The days")];
    }

    private static void Figures(NamedSums sums, JsonElement figures)
    {
        var name = $"{figures.GetProperty("day").GetString()} {figures.GetProperty("room").GetString()}";
        sums.Add($"{name} bookings", figures.GetProperty("bookings").GetInt32());
        sums.Add($"{name} count", figures.GetProperty("count").GetInt32());
        sums.Add($"{name} revenue", figures.GetProperty("revenue"));
    }

    /// <summary>A booking as its stream tells it.</summary>
    private sealed record EndedBooking(string BookingId, bool IsCompleted, string Day, string Currency, decimal Total, IReadOnlyList<BookedRoom> Rooms)
    {
        public static EndedBooking Of(string bookingId, List<JsonElement> events, List<string> problems)
        {
            var types = events.Select(TypeOf).ToList();
            if (types.Distinct().Count() != types.Count)
                problems.Add($"{bookingId}: an effect happened twice: {string.Join(", ", types)}");
            if (types[^1] is not ("BookingCompleted" or "BookingCancelled"))
                problems.Add($"{bookingId}: not final: {string.Join(", ", types)}");
            var made = events.Single(e => TypeOf(e) == "BookingMade").GetProperty("data");
            return new EndedBooking(
                bookingId,
                types[^1] == "BookingCompleted",
                events[^1].GetProperty("time").GetDateTimeOffset().UtcDateTime.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
                made.GetProperty("currency").GetString()!,
                made.GetProperty("total").GetDecimal(),
                [.. made.GetProperty("rooms").EnumerateArray().Select(r => new BookedRoom(
                    r.GetProperty("room").GetString()!, r.GetProperty("count").GetInt32(), r.GetProperty("price").GetDecimal()))]);
        }
    }
}
