using Google.Protobuf;
using Microsoft.Azure.Functions.Worker.Converters;
using Microsoft.Azure.ServiceBus.Grpc;

namespace Microsoft.Azure.Functions.Worker;

/// <summary>Works on the session whose message is being handled.</summary>
/// <remarks>
/// The host finds the session by its id alone. Where several functions of one host handle messages of one session id at a time, of
/// different entities, every call may concern the session of another one, or fail: settle by the message's lock token instead.
/// </remarks>
[InputConverter(typeof(ServiceBusSessionMessageActionsConverter))]
public class ServiceBusSessionMessageActions
{
    private readonly Settlement.SettlementClient? _settlement;
    private readonly string _sessionId = "";
    private DateTimeOffset _lockedUntil;

    /// <summary>For mocking.</summary>
    protected ServiceBusSessionMessageActions()
    {
    }

    internal ServiceBusSessionMessageActions(Settlement.SettlementClient settlement, string sessionId, DateTimeOffset lockedUntil)
    {
        _settlement = settlement;
        _sessionId = sessionId;
        _lockedUntil = lockedUntil;
    }

    /// <summary>Until when the session is locked, as far as this invocation knows.</summary>
    public virtual DateTimeOffset SessionLockedUntil => _lockedUntil;

    private Settlement.SettlementClient Settlement => _settlement ?? throw new InvalidOperationException("These actions were made for mocking.");

    /// <summary>The session's state; empty if it has none.</summary>
    /// <exception cref="Grpc.Core.RpcException">The session's lock is lost, or the host does not know the session.</exception>
    public virtual async Task<BinaryData> GetSessionStateAsync(CancellationToken cancellationToken = default)
    {
        var response = await Settlement.GetSessionStateAsync(new GetSessionStateRequest { SessionId = _sessionId }, cancellationToken: cancellationToken);
        return BinaryData.FromBytes(response.SessionState.Memory);
    }

    /// <summary>Sets the session's state.</summary>
    /// <exception cref="Grpc.Core.RpcException">The session's lock is lost, or the host does not know the session.</exception>
    public virtual async Task SetSessionStateAsync(BinaryData sessionState, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(sessionState);
        var request = new SetSessionStateRequest { SessionId = _sessionId, SessionState = ByteString.CopyFrom(sessionState.ToMemory().Span) };
        await Settlement.SetSessionStateAsync(request, cancellationToken: cancellationToken);
    }

    /// <summary>Lets go of the session when the invocation ends that the host finds.</summary>
    /// <exception cref="Grpc.Core.RpcException">The host does not know the session.</exception>
    public virtual async Task ReleaseSession(CancellationToken cancellationToken = default) =>
        await Settlement.ReleaseSessionAsync(new ReleaseSessionRequest { SessionId = _sessionId }, cancellationToken: cancellationToken);

    /// <summary>Extends the session's lock.</summary>
    /// <exception cref="Grpc.Core.RpcException">The session's lock is lost, or the host does not know the session.</exception>
    public virtual async Task RenewSessionLockAsync(CancellationToken cancellationToken = default)
    {
        var response = await Settlement.RenewSessionLockAsync(new RenewSessionLockRequest { SessionId = _sessionId }, cancellationToken: cancellationToken);
        _lockedUntil = response.LockedUntil.ToDateTimeOffset();
    }
}
