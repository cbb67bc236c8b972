using System.Runtime.Serialization;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Microsoft.Azure.ServiceBus.Grpc;
using Pipeline.Local.ServiceBus;

namespace Pipeline.Local.Hosting;

/// <summary>
/// Settles messages for functions. A token or session that no running invocation has is refused with <c>FailedPrecondition</c>, what
/// the broker refuses with <c>Unknown</c>, as Azure's host does.
/// </summary>
internal sealed class SettlementService(Settlements settlements) : Microsoft.Azure.ServiceBus.Grpc.Settlement.SettlementBase
{
    private static readonly Empty _done = new();

    public override Task<Empty> Complete(CompleteRequest request, ServerCallContext context) =>
        SettleAsync(request.Locktoken, () => ServiceBus.Settlement.Complete);

    public override Task<Empty> Abandon(AbandonRequest request, ServerCallContext context) =>
        SettleAsync(request.Locktoken, () => new(SettlementKind.Abandon, AmqpMap.Decode(request.PropertiesToModify)));

    public override Task<Empty> Deadletter(DeadletterRequest request, ServerCallContext context) =>
        SettleAsync(request.Locktoken, () => new(
            SettlementKind.DeadLetter, AmqpMap.Decode(request.PropertiesToModify), request.DeadletterReason, request.DeadletterErrorDescription));

    public override Task<Empty> Defer(DeferRequest request, ServerCallContext context) =>
        SettleAsync(request.Locktoken, () => new(SettlementKind.Defer, AmqpMap.Decode(request.PropertiesToModify)));

    public override Task<Empty> RenewMessageLock(RenewMessageLockRequest request, ServerCallContext context) =>
        WithMessageAsync(request.Locktoken, (invocation, token) => invocation.Receiver.RenewMessageLockAsync(token));

    public override Task<GetSessionStateResponse> GetSessionState(GetSessionStateRequest request, ServerCallContext context) =>
        InSessionAsync(request.SessionId, session => Task.FromResult(new GetSessionStateResponse
        {
            SessionState = session.Receiver.GetSessionState() is { } state ? ByteString.CopyFrom(state.ToMemory().Span) : ByteString.Empty,
        }));

    public override Task<Empty> SetSessionState(SetSessionStateRequest request, ServerCallContext context) =>
        InSessionAsync(request.SessionId, session =>
        {
            session.Receiver.SetSessionState(BinaryData.FromBytes(request.SessionState.Memory));
            return Task.FromResult(_done);
        });

    public override Task<Empty> ReleaseSession(ReleaseSessionRequest request, ServerCallContext context) =>
        InSessionAsync(request.SessionId, session =>
        {
            session.Release();
            return Task.FromResult(_done);
        });

    public override Task<RenewSessionLockResponse> RenewSessionLock(RenewSessionLockRequest request, ServerCallContext context) =>
        InSessionAsync(request.SessionId, async session =>
            new RenewSessionLockResponse { LockedUntil = (await session.Receiver.RenewSessionLockAsync()).ToTimestamp() });

    private Task<Empty> SettleAsync(string lockToken, Func<ServiceBus.Settlement> settlement) =>
        WithMessageAsync(lockToken, (invocation, token) => invocation.SettleAsync(token, settlement()));

    private async Task<Empty> WithMessageAsync(string lockToken, Func<ServiceBusInvocation, Guid, Task> run)
    {
        if (!Guid.TryParse(lockToken, out var token) || settlements.Find(token) is not { } invocation)
            throw new Grpc.Core.RpcException(new Status(StatusCode.FailedPrecondition, $"LockToken {lockToken} not found."));
        return await RefusedByBrokerAsync(async () =>
        {
            await run(invocation, token);
            return _done;
        });
    }

    private Task<T> InSessionAsync<T>(string sessionId, Func<HostSession, Task<T>> run) => settlements.Sessions.Find(sessionId) is { } session
        ? RefusedByBrokerAsync(() => run(session))
        : throw new Grpc.Core.RpcException(new Status(StatusCode.FailedPrecondition, $"SessionId {sessionId} not found."));

    private static async Task<T> RefusedByBrokerAsync<T>(Func<Task<T>> run)
    {
        try
        {
            return await run();
        }
        catch (Exception refused) when (refused is BrokerException or SerializationException or InvalidOperationException or ArgumentException)
        {
            throw new Grpc.Core.RpcException(new Status(StatusCode.Unknown, refused.Message));
        }
    }
}
