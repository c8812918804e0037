"use client";

import type { Session } from "@supabase/supabase-js";
import {
  createContext,
  useContext,
  useEffect,
  useState,
  type ReactNode,
} from "react";
import { isConfigured, supabase } from "./supabase";

/** `undefined` until the stored session is read, `null` when signed out. */
type SessionState = Session | null | undefined;

const SessionContext = createContext<SessionState>(undefined);

export function SessionProvider({ children }: { children: ReactNode }) {
  const [session, setSession] = useState<SessionState>(undefined);

  useEffect(() => {
    if (!isConfigured) return;
    const { data } = supabase.auth.onAuthStateChange((_event, current) => {
      setSession(current);
    });
    return () => data.subscription.unsubscribe();
  }, []);

  if (!isConfigured) return <SetupNotice />;
  return <SessionContext value={session}>{children}</SessionContext>;
}

export function useSession() {
  return useContext(SessionContext);
}

function SetupNotice() {
  return (
    <main className="mx-auto max-w-lg space-y-3 p-8">
      <h1 className="text-xl font-semibold">Connect your database</h1>
      <p>
        Copy <code>.env.example</code> to <code>.env.local</code>, fill in the
        URL and the anon key of your Supabase project, and start the application
        again.
      </p>
    </main>
  );
}
