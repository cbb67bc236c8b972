using Pipeline.Replay;

namespace Pipeline.BookingApp;

/// <summary>The source of a dry run: reading figures changes nothing, so they are read and shown.</summary>
internal sealed class DryRunFigureSource(IFigureSource real, GatewayCalls calls) : IFigureSource
{
    public Task<Figures> GetAsync(string link, CancellationToken cancellationToken) => calls.ReadAsync(
        nameof(GetAsync), new() { ["link"] = link }, GatewayJson.Default.Figures, () => real.GetAsync(link, cancellationToken));
}
