using System.Collections.Immutable;
using Pipeline.Contracts.Shipping;
using Pipeline.Decisions;
using Pipeline.Services.Shipping;
using Xunit.Abstractions;

namespace Pipeline.Tests;

/// <summary>
/// The decisions of a shipment, called plainly, in every interleaving there is: each of the facts is read, acted upon (at the
/// carrier) and committed in three steps that may fall between those of the others; a commit on a state that has moved on is
/// refused and the fact handled again; and processes die between the steps.
/// </summary>
public sealed class ShipmentTests(ITestOutputHelper output)
{
    private const int Crashes = 2;
    private const string UnreachableCustomer = "c-unreachable";

    private static readonly PlacedOrder Placed = new("o-1", "c-1", [new PlacedLine("a", 2)]);
    private static readonly PaidOrder Charged = new("o-1");
    private static readonly CancelledOrder Cancelled = new("o-1");

    [Fact]
    public async Task Paid_and_placed_in_any_interleaving_it_is_shipped_once()
    {
        await foreach (var end in ExploreAsync(Placed, Charged))
        {
            Assert.Equal(ShipmentStatus.Shipped, end.Shipment!.Status);
            var booking = Assert.Single(end.Bookings.Values);
            Assert.Equal([new OrderShipped("o-1", booking.Carrier, booking.TrackingNumber)], end.Published);
            Assert.Empty(end.Recalls);
        }
    }

    [Fact]
    public async Task Cancelled_in_any_interleaving_no_parcel_is_left_with_the_carrier()
    {
        var (recalled, never) = (0, 0);
        await foreach (var end in ExploreAsync(Placed, Charged, Cancelled))
        {
            Assert.True(end.Bookings.Count <= 1);
            Assert.Equal(end.Bookings.Values.Select(b => b.TrackingNumber), end.Recalls.Values.Select(r => r.TrackingNumber));
            Assert.Equal(end.Bookings.Count, end.Published.Count(m => m is ShipmentRecalled));
            Assert.True(end.Published.Count(m => m is OrderShipped) <= end.Bookings.Count);
            Assert.Equal(end.Bookings.Count > 0 ? ShipmentStatus.Recalled : ShipmentStatus.Cancelled, end.Shipment!.Status);
            _ = end.Bookings.Count > 0 ? recalled++ : never++;
        }

        Assert.True(recalled > 0 && never > 0, Invariant($"{recalled} recalled, {never} never shipped"));
    }

    [Fact]
    public async Task Declined_in_any_interleaving_it_fails_once_and_nothing_is_called_back()
    {
        await foreach (var end in ExploreAsync(Placed with { CustomerId = UnreachableCustomer }, Charged, Cancelled))
        {
            Assert.Empty(end.Recalls);
            Assert.Contains(end.Shipment!.Status, new[] { ShipmentStatus.Failed, ShipmentStatus.Cancelled });
            Assert.Equal(end.Shipment.Status == ShipmentStatus.Failed ? [new ShipmentFailed("o-1", "No such door.")] : [], end.Published);
        }
    }

    [Fact]
    public async Task Cancelled_and_never_paid_the_carrier_hears_of_nothing()
    {
        await foreach (var end in ExploreAsync(Placed, Cancelled))
        {
            Assert.Equal(ShipmentStatus.Cancelled, end.Shipment!.Status);
            Assert.Empty(end.Bookings);
            Assert.Empty(end.Published);
        }
    }

    /// <summary>All ends that some interleaving leads to.</summary>
    private async IAsyncEnumerable<World> ExploreAsync(params object[] facts)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var open = new Stack<World>([new World()]);
        var ends = 0;
        while (open.TryPop(out var world))
        {
            if (!seen.Add(world.Key))
                continue;
            if (world.Done.Count == facts.Length)
            {
                ends++;
                yield return world;
                continue;
            }

            for (var fact = 0; fact < facts.Length; fact++)
            {
                if (world.Done.Contains(fact))
                    continue;
                open.Push(await world.StepAsync(fact, facts[fact]));
                if (world.InFlight.ContainsKey(fact) && world.Crashes < Crashes)
                    open.Push(world with { InFlight = world.InFlight.Remove(fact), Crashes = world.Crashes + 1 });
            }
        }

        output.WriteLine(Invariant($"{seen.Count} states, {ends} ends"));
        Assert.True(ends > 0);
    }

    /// <summary>One handling under way: what it read, and what it decided once it has acted.</summary>
    private sealed record Handling(int Version, Shipment? Read, Decision<Shipment>? Decision);

    private sealed record World
    {
        public Shipment? Shipment { get; init; }

        public int Version { get; init; }

        public ImmutableSortedDictionary<string, CarrierBooking> Bookings { get; init; } = ImmutableSortedDictionary<string, CarrierBooking>.Empty;

        public ImmutableSortedDictionary<string, CarrierRecall> Recalls { get; init; } = ImmutableSortedDictionary<string, CarrierRecall>.Empty;

        public ImmutableList<object> Published { get; init; } = [];

        public ImmutableSortedSet<int> Done { get; init; } = [];

        public ImmutableSortedDictionary<int, Handling> InFlight { get; init; } = ImmutableSortedDictionary<int, Handling>.Empty;

        public int Crashes { get; init; }

        public string Key => string.Join('|', [
            Invariant($"{Text(Shipment)},{Version},{Crashes}"), .. Bookings.Keys, .. Recalls.Keys, .. Published.Select(p => Convert.ToString(p, CultureInfo.InvariantCulture)), .. Done.Select(d => d.ToString(CultureInfo.InvariantCulture)),
            .. InFlight.Select(h => Invariant($"{h.Key}:{h.Value.Version},{Text(h.Value.Read)},{Text(h.Value.Decision?.State)},{h.Value.Decision?.Messages.Count}")),
        ]);

        public async Task<World> StepAsync(int fact, object data)
        {
            if (!InFlight.TryGetValue(fact, out var handling))
                return this with { InFlight = InFlight.Add(fact, new Handling(Version, Shipment, null)) };
            if (handling.Decision is not { } decided)
            {
                var carrier = new Carrier(Bookings, Recalls);
                var decision = data switch
                {
                    PlacedOrder f => await Services.Shipping.Shipment.PlacedAsync(handling.Read, f, OrderDecisionTests.Context, carrier, default),
                    PaidOrder f => await Services.Shipping.Shipment.PaidAsync(handling.Read, f, OrderDecisionTests.Context, carrier, default),
                    _ => await Services.Shipping.Shipment.CancelledAsync(handling.Read, (CancelledOrder)data, OrderDecisionTests.Context, carrier, default),
                };
                return this with { Bookings = carrier.Bookings, Recalls = carrier.Recalls, InFlight = InFlight.SetItem(fact, handling with { Decision = decision }) };
            }

            var rest = this with { InFlight = InFlight.Remove(fact) };
            return handling.Version != Version ? rest : rest with
            {
                Shipment = decided.State ?? Shipment,
                Version = Version + 1,
                Published = Published.AddRange(decided.Messages),
                Done = Done.Add(fact),
            };
        }

        private static string Text(Shipment? shipment) => shipment is null ? "none" : Invariant($"{shipment.Status} {shipment.IsPaid} {shipment.Items?.Count} {shipment.TrackingNumber}");
    }

    /// <summary>A carrier as the port wants it: what was asked with a key is answered as the first time.</summary>
    private sealed class Carrier(ImmutableSortedDictionary<string, CarrierBooking> bookings, ImmutableSortedDictionary<string, CarrierRecall> recalls) : ICarrierGateway
    {
        public ImmutableSortedDictionary<string, CarrierBooking> Bookings { get; private set; } = bookings;

        public ImmutableSortedDictionary<string, CarrierRecall> Recalls { get; private set; } = recalls;

        public Task<CarrierBooking> BookAsync(
            string key, string orderId, string customerId, IReadOnlyList<ParcelItem> items, CancellationToken cancellationToken)
        {
            if (customerId == UnreachableCustomer)
                return Task.FromResult(new CarrierBooking(key, "Parcels", "", default, "No such door."));
            if (!Bookings.ContainsKey(key))
                Bookings = Bookings.Add(key, new CarrierBooking(key, "Parcels", Invariant($"SP{Bookings.Count + 1}"), default));
            return Task.FromResult(Bookings[key]);
        }

        public Task<CarrierRecall> RecallAsync(string key, string orderId, string trackingNumber, CancellationToken cancellationToken)
        {
            Assert.Contains(Bookings.Values, b => b.TrackingNumber == trackingNumber);
            if (!Recalls.ContainsKey(key))
                Recalls = Recalls.Add(key, new CarrierRecall(key, trackingNumber, default));
            return Task.FromResult(Recalls[key]);
        }

        public Task<CarrierBooking?> FindAsync(string key, string orderId, CancellationToken cancellationToken) =>
            Task.FromResult(Bookings.GetValueOrDefault(key));

        public Task<CarrierRecords> ListAsync(string orderId, CancellationToken cancellationToken) => throw new NotSupportedException();
    }
}
