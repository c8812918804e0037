"use client";

import { LayoutDashboard, LogOut, type LucideIcon } from "lucide-react";
import Link from "next/link";
import { usePathname, useRouter } from "next/navigation";
import { Suspense, useEffect, type ReactNode } from "react";
import { Button } from "@/components/ui/controls";
import { useSession } from "@/lib/session";
import { site } from "@/lib/site";
import { supabase } from "@/lib/supabase";
import { cn } from "@/lib/utils";

export default function AppLayout({ children }: { children: ReactNode }) {
  const router = useRouter();
  const session = useSession();

  useEffect(() => {
    if (session === null) router.replace("/sign-in");
  }, [session, router]);

  if (!session) return null;
  return (
    <div className="md:grid md:min-h-dvh md:grid-cols-[15rem_1fr]">
      <aside className="flex flex-col gap-2 border-b bg-card p-4 md:border-r md:border-b-0">
        <p className="font-semibold">{site.name}</p>
        <nav
          aria-label="Main"
          className="flex gap-1 overflow-x-auto md:flex-col"
        >
          <NavLink href="/" label="Dashboard" icon={LayoutDashboard} />
          {site.sections.map((section) => (
            <NavLink key={section.href} {...section} />
          ))}
        </nav>
        <div className="mt-auto flex items-center justify-between gap-2 text-sm">
          <span className="truncate text-muted-foreground">
            {session.user.email}
          </span>
          <Button
            variant="ghost"
            size="icon"
            aria-label="Sign out"
            onClick={() => supabase.auth.signOut()}
          >
            <LogOut />
          </Button>
        </div>
      </aside>
      <main className="min-w-0 p-4 md:p-8">
        <Suspense>{children}</Suspense>
      </main>
    </div>
  );
}

interface NavLinkProps {
  href: string;
  label: string;
  icon: LucideIcon;
}

function NavLink({ href, label, icon: Icon }: NavLinkProps) {
  const pathname = usePathname();
  const current =
    pathname === href || (href !== "/" && pathname.startsWith(`${href}/`));
  return (
    <Link
      href={href}
      aria-current={current ? "page" : undefined}
      className={cn(
        "flex items-center gap-2 rounded-md px-3 py-2 text-sm whitespace-nowrap hover:bg-muted",
        current && "bg-muted font-medium",
      )}
    >
      <Icon aria-hidden className="size-4 shrink-0" />
      {label}
    </Link>
  );
}
